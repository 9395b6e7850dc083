#!/usr/bin/env bash
# Synthesises the sample course and the sample podcast from studio/ with espeak-ng and ffmpeg, and verifies them.
# The results are committed; run this (`make samples`) only to change them. Same tools, same bytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

for tool in ffmpeg ffprobe espeak-ng python3; do
  command -v "$tool" >/dev/null || { echo "make.sh: $tool is missing: apt-get install ffmpeg espeak-ng python3 fonts-inter" >&2; exit 1; }
done
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
export PYTHONDONTWRITEBYTECODE=1

FRAMES_PER_SECOND=15
SAMPLES_PER_SECOND=44100
ff() { ffmpeg -hide_banner -v error -nostdin -y -threads 1 "$@"; }
BITEXACT=(-map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -threads 1)

# speak NAME: narration to speech and timing.
speak() { python3 studio/speak.py "studio/narration/$1.txt" "$WORK/$1.wav" "$WORK/$1.json"; }

seconds_of() { python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["duration"])' "$WORK/$1.json"; }

# The proof in the sound: a steady tone of 400 + 50 * (step mod 20) Hz, step = floor(t / 2 s), peak 0.05 (-26 dBFS). All
# frequencies are multiples of 50 Hz and steps are 2 s, so the phase never jumps. The speech has a 40 Hz notch at the
# current tone, so that an FFT finds it whatever is said.
proof_tone() { echo "aevalsrc=exprs='0.05*sin(2*PI*(400+50*mod(floor(t/2),20))*t)':s=$SAMPLES_PER_SECOND:d=$1"; }
notches() {
  local step chain=""
  for step in $(seq 0 19); do
    chain+="bandreject=f=$((400 + 50 * step)):width_type=h:width=40:enable='eq(mod(floor(t/2),20),$step)',"
  done
  echo "${chain%,}"
}

# mix NAME: speech, levelled and notched, over the tone: WORK/NAME.mixed.wav
mix() {
  local seconds; seconds=$(seconds_of "$1")
  ff -i "$WORK/$1.wav" -f lavfi -i "$(proof_tone "$seconds")" -filter_complex \
    "[0:a]aresample=$SAMPLES_PER_SECOND,highpass=f=70,lowpass=f=9000,volume=-7dB,$(notches)[speech];
     [speech][1:a]amix=inputs=2:normalize=0:duration=longest,alimiter=limit=0.89:level=0[mixed]" \
    -map '[mixed]' -ac 1 "${BITEXACT[@]}" "$WORK/$1.mixed.wav"
}

# The proof in the picture: the lowest 16 rows (y 344 to 359) are eight blocks of 80 px, most significant bit left, white = 1:
# floor(t) as a binary number.
time_code() {
  local bit chain=""
  for bit in 0 1 2 3 4 5 6 7; do
    chain+=",drawbox=x=$((80 * bit)):y=344:w=80:h=16:color=black:t=fill"
    chain+=",drawbox=x=$((80 * bit)):y=344:w=80:h=16:color=white:t=fill:enable='eq(mod(floor((t+0.001)/$((1 << (7 - bit)))),2),1)'"
  done
  echo "${chain#,}"
}

# render_svg IN.svg OUT.png|jpg SIZE
render_svg() { ff -i "$1" -frames:v 1 -vf "scale=$3:$3:flags=lanczos" -q:v "${4:-4}" "${BITEXACT[@]}" -update 1 "$2"; }

# video NAME OUT.mp4 CRF: one slide a chapter, the moving waveform, the time code, the mixed sound.
video() {
  local name=$1 out=$2 crf=$3 number=0 start inputs=() graph="" last="0:v"
  local seconds title; seconds=$(seconds_of "$name"); title=$(title_of "$name")
  while read -r start; do
    python3 studio/artwork.py slide "$WORK/$name.json" "$number" "$WORK/$name.$number.svg"
    ff -i "$WORK/$name.$number.svg" -frames:v 1 -update 1 "$WORK/$name.$number.png"
    inputs+=(-loop 1 -framerate "$FRAMES_PER_SECOND" -t "$seconds" -i "$WORK/$name.$number.png")
    if ((number > 0)); then
      graph+="[$last][$number:v]overlay=enable='gte(t,$start)'[slide$number];"
      last="slide$number"
    fi
    number=$((number + 1))
  done < <(python3 -c 'import json,sys; [print(c["start"]) for c in json.load(open(sys.argv[1]))["chapters"]]' "$WORK/$name.json")
  graph+="[$((number + 1)):a]aresample=$SAMPLES_PER_SECOND,showwaves=s=80x55:mode=cline:rate=$FRAMES_PER_SECOND:colors=0xf6d7a7:scale=sqrt:draw=full,"
  graph+="scale=640x110:flags=neighbor,drawgrid=x=-2:y=-1:w=8:h=200:t=3:color=black,format=rgba,colorkey=black:0.1:0.1,colorchannelmixer=aa=0.85[waves];"
  graph+="[$last][waves]overlay=x=0:y=196:shortest=0:eof_action=repeat,$(time_code),format=yuv420p[picture]"
  ff "${inputs[@]}" -i "$WORK/$name.mixed.wav" -i "$WORK/$name.wav" -filter_complex "$graph" -map '[picture]' -map "$number:a" -t "$seconds" -r "$FRAMES_PER_SECOND" \
    -c:v libx264 -profile:v baseline -preset veryslow -crf "$crf" -g $((2 * FRAMES_PER_SECOND)) -keyint_min $((2 * FRAMES_PER_SECOND)) -sc_threshold 0 \
    -x264-params threads=1:lookahead-threads=1:sliced-threads=0 -c:a aac -b:a 64k "${BITEXACT[@]}" -metadata title="$title" -movflags +faststart "$out"
}

# audio_m4a NAME OUT.m4a
audio_m4a() { ff -i "$WORK/$1.mixed.wav" -c:a aac -b:a 64k "${BITEXACT[@]}" -metadata title="$(title_of "$1")" -metadata album="Field Recording" -movflags +faststart -f ipod "$2"; }

# episode NAME OUT.mp3 TRACK: with ID3v2.3 tags and a small picture.
episode() {
  ff -i "$WORK/$1.mixed.wav" -i "$WORK/show-300.jpg" -map 0:a -map 1:v -c:a libmp3lame -b:a 56k -c:v copy -disposition:v attached_pic "${BITEXACT[@]}" \
    -id3v2_version 3 -metadata title="$(title_of "$1")" -metadata artist=Stowaway -metadata album="Signal Lost" -metadata track="$3/3" -metadata:s:v title=Cover -metadata:s:v comment="Cover (front)" "$2"
}

title_of() { python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["title"])' "$WORK/$1.json"; }
captions() { python3 studio/captions.py captions "$WORK/$1.json" "$2" "${@:3}"; }
chapters() { python3 studio/captions.py chapters "$WORK/$1.json" "$2"; }
transcript() { python3 studio/captions.py transcript "$WORK/$1.json" "$2"; }
poster() { python3 studio/artwork.py poster "$WORK/$1.json" "$WORK/$1.poster.svg" && render_svg "$WORK/$1.poster.svg" "$2" -1; }

make_course() {
  local home=course/01-before-you-go field=course/02-in-the-field
  mkdir -p "$home" "$field"
  python3 studio/artwork.py course-cover "$WORK/course.svg"
  render_svg "$WORK/course.svg" course/cover.jpg 1400

  video welcome "$home/01-welcome.mp4" 6
  audio_m4a welcome "$home/01-welcome.m4a"
  captions welcome "$home/01-welcome.en.vtt"
  captions welcome "$home/01-welcome.de.vtt" studio/narration/welcome.de.txt
  chapters welcome "$home/01-welcome.chapters.json"
  poster welcome "$home/01-welcome.jpg"

  audio_m4a pack-light "$home/02-pack-light.m4a"
  captions pack-light "$home/02-pack-light.en.vtt"
  poster pack-light "$home/02-pack-light.jpg"
  python3 studio/handout.py "$home/02-pack-light.pdf"

  video wind-and-levels "$field/01-wind-and-levels.mp4" 18
  captions wind-and-levels "$field/01-wind-and-levels.en.vtt"
  chapters wind-and-levels "$field/01-wind-and-levels.chapters.json"
  poster wind-and-levels "$field/01-wind-and-levels.jpg"

  video listen-back "$field/02-listen-back.mp4" 18
  captions listen-back "$field/02-listen-back.en.vtt"
  poster listen-back "$field/02-listen-back.jpg"
}

make_podcast() {
  mkdir -p podcast
  python3 studio/artwork.py show-cover "$WORK/show.svg"
  render_svg "$WORK/show.svg" podcast/cover.jpg 1400
  render_svg "$WORK/show.svg" "$WORK/show-300.jpg" 300 6

  episode what-a-piece-is podcast/01-what-a-piece-is.mp3 1
  chapters what-a-piece-is podcast/01-what-a-piece-is.chapters.json
  transcript what-a-piece-is podcast/01-what-a-piece-is.transcript.vtt
  episode half-a-file podcast/02-half-a-file-is-not-lost.mp3 2
  chapters half-a-file podcast/02-half-a-file-is-not-lost.chapters.json
  transcript half-a-file podcast/02-half-a-file-is-not-lost.transcript.vtt
  episode counting-bytes podcast/03-count-before-you-fetch.mp3 3
  chapters counting-bytes podcast/03-count-before-you-fetch.chapters.json
}

for narration in studio/narration/*.txt; do
  name=$(basename "$narration" .txt)
  [[ $name == *.* ]] && continue # a translation
  echo "speaking $name"
  speak "$name"
  mix "$name"
done
make_course
make_podcast
python3 studio/verify.py course podcast
du -cb course podcast | tail -1
