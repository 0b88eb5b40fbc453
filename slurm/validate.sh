#!/bin/sh
# Does this cluster do what campaigns need? Ten minutes, small jobs: ./validate.sh [--site FILE]
exec atomstates validate "$@"
