# Sourced by run.sh: the Debian packages that real guests and the tests need.

apt_log=.cache/apt.log

# A command or file that must be there, and the package that brings it.
need() {
  if command -v "$1" >/dev/null 2>&1 || [ -e "$1" ]; then return; fi
  missing_things="$missing_things ${1##*/}"
  case " $missing_packages " in *" $2 "*) ;; *) missing_packages="$missing_packages $2" ;; esac
}

# Node's own binary is linked with it, and a small Debian does not have it.
for_node() {
  set -- /usr/lib/*/libatomic.so.1
  need "$1" libatomic1
}

for_guests() {
  need libvirtd libvirt-daemon-system
  need /etc/libvirt/qemu.conf libvirt-daemon-system
  need virsh libvirt-clients
  need qemu-system-x86_64 qemu-system-x86
  need qemu-img qemu-utils
  need genisoimage genisoimage
  need bwrap bubblewrap
  need /usr/share/OVMF ovmf
}

for_tests() {
  for_guests
  set -- /usr/lib/postgresql/*/bin/postgres
  need "$1" postgresql
  need virt-xml-validate libvirt-clients
  need xmllint libxml2-utils
  need ip iproute2
  need git git
  need openssl openssl
  need nats-server nats-server
  need pgrep procps
  need openstack python3-openstackclient
  need /usr/lib/python3/dist-packages/libvirt.py python3-libvirt
}

for_bench() {
  for_tests
  need wrk wrk
  need taskset util-linux
}

# install_packages for_guests|for_tests|for_bench: nothing is asked of apt when nothing is missing.
install_packages() {
  missing_things='' missing_packages=''
  "$1"
  [ -n "$missing_packages" ] || return 0
  if ! command -v apt-get >/dev/null || [ ! -e /etc/debian_version ]; then
    cannot_install 'This is no Debian machine'
  elif [ "$(id -u)" -eq 0 ]; then
    as_root=''
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root='sudo -n'
  elif command -v sudo >/dev/null && [ -t 0 ]; then
    as_root=sudo
  else
    cannot_install 'Debian packages are installed by root or through sudo, and neither is here'
  fi
  case $missing_packages in
    # libvirt only recommends it, and its networks give no addresses without it.
    *libvirt-daemon-system*) missing_packages="$missing_packages dnsmasq-base" ;;
  esac
  say "installing Debian packages:$missing_packages"
  mkdir -p .cache
  if ! { apt_get update && apt_get install --no-install-recommends $missing_packages; } >$apt_log 2>&1; then
    tail -n 20 $apt_log >&2
    fail "apt-get could not install:$missing_packages; its last words are above, all of them in $apt_log"
  fi
  missing_things='' missing_packages=''
  "$1"
  [ -z "$missing_things" ] || fail "still missing after the installation:$missing_things"
}

apt_get() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

cannot_install() {
  say "missing:$missing_things (Debian packages:$missing_packages)"
  say "$1. Install them yourself; without those for real guests, npm start -- --driver simulated still works"
  exit 1
}
