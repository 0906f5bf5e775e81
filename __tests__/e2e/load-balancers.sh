#!/usr/bin/env bash
# The images that kind puts before several control planes, for a machine that cannot pull them: kind v0.20's HAProxy and kind
# v0.32's Envoy, made of this machine's own programs (Debian: apt-get install haproxy). Envoy is played by HAProxy too.
# An image that is there already stays.
#   usage: load-balancers.sh
set -euo pipefail
haproxy=kindest/haproxy:v20230606-42a2262b envoy=envoyproxy/envoy:v1.36.2
type -P haproxy >/dev/null || { echo 'load-balancers: haproxy is not on the PATH' >&2; exit 1; }
root=$(mktemp -d); trap 'rm -rf "$root"' EXIT

# what kind calls in them, each with its libraries
for program in haproxy bash sh cp mkdir mv chmod kill sleep; do
  file=$(type -P "$program")
  mkdir -p "$root/usr/bin" && cp -L "$file" "$root/usr/bin/$program"
  ldd "$file" | grep -o '/[^ ]*' | while read -r library; do cp -L --parents "$library" "$root"; done
done
ln -s usr/bin "$root/bin"

mkdir -p "$root/usr/local/etc/haproxy"
# kind writes another one, and sends SIGHUP
cat >"$root/usr/local/etc/haproxy/haproxy.cfg" <<'CONFIG'
defaults
  mode tcp
  timeout connect 5000
  timeout client 50000
  timeout server 50000
frontend control-plane
  bind *:6443
  default_backend kube-apiservers
backend kube-apiservers
CONFIG

# kind writes the API servers into cds.yaml, in Envoy's language
cat >"$root/usr/bin/envoy" <<'ENVOY'
#!/bin/bash
servers=
while [ -z "$servers" ]; do
  sleep 0.2
  while read -r key value; do
    case $key in
      address:) host=$value ;;
      port_value:) servers+="  server $host $host:$value check check-ssl verify none resolvers docker resolve-prefer ipv4"$'\n' ;;
    esac
  done </home/envoy/cds.yaml
done
config=$(</usr/local/etc/haproxy/haproxy.cfg)
echo "resolvers docker
  nameserver dns 127.0.0.11:53
${config/mode tcp/mode tcp$'\n'  default-server init-addr none}
  option httpchk GET /healthz
$servers" >/home/envoy/haproxy.cfg
exec haproxy -W -db -n 5000 -f /home/envoy/haproxy.cfg
ENVOY
chmod 0755 "$root/usr/bin/envoy"

image() { # NAME CHANGE...
  local name=$1; shift
  docker image inspect "$name" >/dev/null 2>&1 || tar --create --directory "$root" . | docker import "$@" - "$name" >/dev/null
  echo "load-balancers: $name"
}
# kind's configuration allows 100000 connections, more than some machines have file handles for
image "$haproxy" --change 'ENTRYPOINT ["haproxy", "-W", "-db", "-n", "5000", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]'
image "$envoy"
