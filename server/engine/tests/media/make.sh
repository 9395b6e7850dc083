#!/bin/sh
# Makes the small media files of the probe's tests anew. Needs ffmpeg; the files are committed, so that tests do not.
set -eu
cd "$(dirname "$0")"
tone="sine=frequency=440:duration=2:sample_rate=48000"
picture="testsrc=duration=2:size=64x48:rate=5"
make() { ffmpeg -v error -y -bitexact "$@"; }
title="-metadata title=Tone -metadata artist=Someone -metadata album=Tones"

make -f lavfi -i "$tone" $title -c:a libmp3lame -b:a 32k tone.mp3
make -f lavfi -i "$tone" $title -ar 8000 tone.wav
make -f lavfi -i "$tone" $title -ar 8000 tone.flac
make -f lavfi -i "$tone" $title -c:a libvorbis -q:a 0 tone.ogg
make -f lavfi -i "$tone" $title -c:a libopus -b:a 16k tone.opus
make -f lavfi -i "$tone" $title -c:a aac -b:a 32k tone.m4a
make -f lavfi -i "$tone" -f lavfi -i "$picture" $title -c:a aac -b:a 32k -c:v libx264 -pix_fmt yuv420p both.mp4
make -f lavfi -i "$picture" -c:v libx264 -pix_fmt yuv420p pictures-only.mp4
make -f lavfi -i "$tone" -f lavfi -i "$picture" -c:a aac -b:a 32k -c:v libx264 -pix_fmt yuv420p \
    -movflags frag_keyframe+empty_moov fragmented.mp4
make -f lavfi -i "$tone" -f lavfi -i "$picture" $title -c:a libopus -b:a 16k -c:v libvpx -b:v 50k both.webm
make -f lavfi -i "$tone" -f lavfi -i "$picture" $title -c:a libopus -b:a 16k -c:v libx264 -pix_fmt yuv420p both.mkv
make -f lavfi -i "$tone" -c:a libopus -b:a 16k -f webm sound-only.webm
make -f lavfi -i "$picture" -c:v libvpx -b:v 50k -f webm - | cat >piped.webm
make -f lavfi -i "$picture" -frames:v 1 picture.jpg
make -f lavfi -i "$picture" -frames:v 1 picture.png
