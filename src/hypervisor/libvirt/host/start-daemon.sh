#!/bin/sh
# Starts libvirtd, and virtlogd where nothing else would. $1: system or session. $2: folder with libvirtd.conf,
# and for process ids.
set -eu
PATH=$PATH:/usr/sbin:/sbin
# In a session libvirtd starts virtlogd itself. One that runs already is as good.
[ "$1" = session ] || virtlogd --daemon --pid-file "$2/virtlogd.pid" || true
exec libvirtd --daemon --config "$2/libvirtd.conf" --pid-file "$2/libvirtd.pid"
