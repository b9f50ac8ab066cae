#!/bin/sh
# Starts libvirtd, and virtlogd where nothing else would. $1: system or session. $2: folder with libvirtd.conf,
# for process ids, and, if /dev/kvm is to be hidden from libvirt, an empty file no-kvm.
set -eu
PATH=$PATH:/usr/sbin:/sbin
[ ! -e "$2/no-kvm" ] || mount --bind "$2/no-kvm" /dev/kvm
# In a session libvirtd starts virtlogd itself. One that runs already is as good.
[ "$1" = session ] || virtlogd --daemon --pid-file "$2/virtlogd.pid" || true
exec libvirtd --daemon --config "$2/libvirtd.conf" --pid-file "$2/libvirtd.pid"
