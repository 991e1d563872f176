#!/usr/bin/env bash
# Ask for every address in the text. A DOI is asked only where it leads: publishers refuse robots.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
dead=0
addresses() {
    # Not our own placeholders: OWNER/NAME, hub.example.edu.
    git grep -hoIE 'https://[^][ <>()"`'"'"'\\{}$|*,;]+' -- '*.md' '*.ipynb' '*.bib' '*.cff' |
        sed 's/[.:]*$//' | grep -vE 'OWNER/|\.example\.' | sort -u
}
while read -r address; do
    follow=--location
    [[ $address == https://doi.org/* ]] && follow=
    # shellcheck disable=SC2086
    answer=$(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 60 --retry 3 \
        --retry-all-errors $follow "$address")
    case $answer in
        2?? | 3?? | 403 | 429) ;; # 403, 429: there, but not for robots
        *) echo "$answer $address" && dead=1 ;;
    esac
done < <(addresses)
exit $dead
