#!/bin/sh
# Takes the place of the command where it is packaged: tests of that need no build of the real one.
set -e
case "$1" in
--version) echo "fleetpurge $FLEETPURGE_TEST_VERSION" ;;
man)
	mkdir -p "$2/man" "$2/completions"
	for page in fleetpurge fleetpurge-plan; do
		echo ".TH $page 1" >"$2/man/$page.1"
	done
	for script in fleetpurge.bash _fleetpurge fleetpurge.fish; do
		echo "# $script" >"$2/completions/$script"
	done
	;;
*) exit 2 ;;
esac
