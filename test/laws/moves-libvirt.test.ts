import { libvirtHostObstacle } from '../lab/libvirt-host.ts';
import { openLibvirtMovesLab } from '../lab/libvirt-moves-lab.ts';
import { movesLaws } from './moves.ts';

const options = { skip: libvirtHostObstacle() ?? (false as const), timeout: 300_000 };
movesLaws('the libvirt driver', () => openLibvirtMovesLab({ sharesDisks: false }), options);
movesLaws('the libvirt driver, disks shared', () => openLibvirtMovesLab({ sharesDisks: true }), options);
