import type { SchedulerSettings } from '../../scheduler/settings.ts';

/** Waits and limits that operators set. */
export interface Settings {
  /**
   * How long a guest may take to power off before it is ended (`[DEFAULT] shutdown_timeout`), milliseconds.
   */
  readonly shutdownMs: number;
  /**
   * How long a soft reboot may take before it becomes a hard one (`[libvirt] wait_soft_reboot_seconds`),
   * milliseconds.
   */
  readonly softRebootMs: number;
  readonly scheduler: SchedulerSettings;
  readonly liveMigration: {
    /** How long one may take (`[libvirt] live_migration_completion_timeout`), milliseconds. */
    readonly completionTimeoutMs: number;
    /** What is done then (`[libvirt] live_migration_timeout_action`). */
    readonly timeoutAction: 'abort' | 'force_complete';
  };
}
