#!/bin/sh
# Submit what is left of a campaign; the same again fills the holes: ./submit.sh CAMPAIGN [STAGE...] [--site FILE]
exec atomstates submit "$@"
