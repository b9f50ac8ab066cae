import { element, type XmlElement } from '../../../model/xml-element.ts';
import type { Hardware } from './hardware.ts';

interface Screen {
  readonly arch: string;
  /** Not those that an earlier release defined: they keep their devices. */
  readonly hasScreen: boolean;
  /** The `<address>` of the video device; undefined: libvirt assigns one. */
  readonly at: XmlElement | undefined;
}

/** Nova's model for an image that names none (nova/virt/libvirt/driver.py LibvirtDriver._get_video_type). */
function defaultModel(arch: string): NonNullable<Hardware['videoModel']> {
  return arch.startsWith('ppc') ? 'vga' : 'virtio';
}

/**
 * A guest's screen: its video device, and VNC on a socket. libvirt makes the socket in the private directory
 * of the running guest, which only its process and libvirt's user can enter: a definition that names no path
 * is valid on each host that the guest moves to.
 */
export function screenElements({ videoModel }: Hardware, { arch, hasScreen, at }: Screen): XmlElement[] {
  const model = videoModel ?? (hasScreen ? defaultModel(arch) : 'none');
  // Without a word about video, libvirt adds a device of its own choice to a guest with VNC.
  const video = element('video', {}, [element('model', { type: model }), at]);
  if (!hasScreen) return model === 'none' ? [] : [video];
  return [element('graphics', { type: 'vnc' }, [element('listen', { type: 'socket' })]), video];
}
