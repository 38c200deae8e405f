#!/bin/sh
# Here the daemon assembles an image; it may as well be ko, Jib, Bazel, Nix or Buildpacks.
set -e
container=$(docker create "${BASE:-busybox:1.37}" httpd -f -p 8080 -h /www)
trap 'docker rm -f "$container" >/dev/null' EXIT
docker cp src/. "$container:/www"
docker commit --change 'CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]' "$container" "$SLUICE_IMAGE" >/dev/null
echo "made $SLUICE_IMAGE"
