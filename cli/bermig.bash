# SPDX-License-Identifier: BSD-2-Clause
# bash completion for bermig(1)

# The words that can stand here, options of the command included.
_bermig_words() {
    case $1 in
    check) echo --format=text --format=json --help ;;
    probe) echo --describe= --machine= --connect-timeout= --tls-creds= --tls-hostname= --help tcp: unix: ;;
    convert) echo --to=ber --to=qemu --to=mapped-ram --compress= --seekable --channel= --help ;;
    dump) echo --format=text --format=json --path= --pages --handshake --help ;;
    diff) echo --format=text --format=json --path= --no-pages --help ;;
    extract) echo --raw= --elf= --map= --page= --help ;;
    describe) echo --format=json --format=ber --help ;;
    info) echo --format=text --format=json --help ;;
    validate) echo --help ;;
    send) echo --channels= --describe= --record= --compress= --format= --connect-timeout= --tls-creds= --tls-hostname= --no-session --stall-timeout= --resume= --window= --description-cache= --progress --progress=json --status= --help tcp: unix: fd: - ;;
    record) echo --channels= --timeout= --compress= --help tcp: unix: ;;
    replay) echo --connect-timeout= --help tcp: unix: ;;
    recv) echo --channels= --expect= --qemu= --timeout= --format= --tls-creds= --no-session --stall-timeout= --resume= --window= --description-cache= --progress --progress=json --status= --help tcp: unix: fd: - ;;
    migrate) echo --from=unix: --from=tcp: --to=unix: --to=tcp: --via=tcp: --via=unix: --listen= --format=auto --format=ber --format=qemu \
        --compress= --channels= --capability= --max-bandwidth= --downtime-limit= --bermig= --remote-bermig= --send-option= --recv-option= \
        --quit-source --progress --progress=json --help ;;
    rewrite) echo --rules= --from= --to= --consent --dry-run --live --as=ber --as=qemu --compress= --help ;;
    help) echo probe check convert dump diff describe info validate send recv record replay migrate rewrite extract ;;
    esac
}

_bermig() {
    local line=${COMP_LINE:0:COMP_POINT} word
    word=${line##*[[:space:]]}
    COMPREPLY=()
    if [[ $COMP_CWORD = 1 ]]; then
        mapfile -t COMPREPLY < <(compgen -W 'probe check convert dump diff describe info validate send recv record replay migrate rewrite extract help --version --help' -- "$word")
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$(_bermig_words "${COMP_WORDS[1]}")" -- "$word")
    # readline replaces only what follows the last = or : of the word.
    local before=${word%"${word##*[=:]}"} i
    for i in "${!COMPREPLY[@]}"; do
        COMPREPLY[i]=${COMPREPLY[i]#"$before"}
    done
    if [[ ${#COMPREPLY[@]} = 1 && ${COMPREPLY[0]} = *[=:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

complete -o default -F _bermig bermig
