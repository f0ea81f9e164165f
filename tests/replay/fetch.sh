#!/usr/bin/env bash
# fetch.sh SUITE FOLDER: unpacks the newest cloud kernel of a Debian suite into FOLDER/kernel. From the
# package source that this machine is set to, with apt's own state in FOLDER: nothing is installed.
set -u
suite=$1 work=$2
skip() { echo "skip: $*" >&2; exit 77; }
for command in apt-get dpkg-deb; do command -v $command >/dev/null || skip "no $command"; done

codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
# shellcheck disable=SC2016  # apt's own variables
site=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
  awk -v suite="$codename" '$2 == suite && $3 == "main" { print $1; exit }')
[ -n "$site" ] || skip "apt knows no source for $codename"

mkdir -p "$work"/apt/state/lists/partial "$work"/apt/cache/archives/partial "$work/kernel"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
signed=''
[ -e $keys ] && signed="[signed-by=$keys] "
echo "deb $signed$site $suite main" >"$work/apt/sources.list"
: >"$work/apt/status"
apt_options=(-qq -o Dir::State="$work/apt/state" -o Dir::Cache="$work/apt/cache" -o Dir::State::status="$work/apt/status"
  -o Dir::Etc::SourceList="$work/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o APT::Sandbox::User=
  -o Acquire::Languages=none -o Acquire::Retries=2)
apt-get "${apt_options[@]}" update >"$work/apt/log" 2>&1 || skip "no packages of $suite: $(tail -n 1 "$work/apt/log")"
package=$(apt-cache "${apt_options[@]}" depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image/ { print $2; exit }')
[ -n "$package" ] || skip "$suite has no linux-image-cloud-amd64"
cd "$work/apt" || exit 2
apt-get "${apt_options[@]}" download "$package" >"$work/apt/log" 2>&1 ||
  skip "$package cannot be had: $(tail -n 1 "$work/apt/log")"
dpkg-deb -x "$work"/apt/"$package"_*.deb "$work/kernel" || skip "$package cannot be unpacked"
ls "$work"/kernel/boot/vmlinuz-* >/dev/null 2>&1 || skip "$package holds no kernel"
