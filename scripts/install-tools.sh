#!/usr/bin/env bash
# Installs what the wider test suites need on Debian or Ubuntu: QEMU, cross compilers, Chromium. The product itself needs none of it.
# Packages whose command is present already are left alone.
set -euo pipefail

declare -A package_of=(
  [qemu-system-arm]=qemu-system-arm
  [qemu-system-riscv32]=qemu-system-misc
  [arm-none-eabi-gcc]=gcc-arm-none-eabi
  [riscv64-unknown-elf-gcc]=gcc-riscv64-unknown-elf
  [clang]=clang
  [ld.lld]=lld
  [chromium]=chromium
)

missing=()
for tool in "${!package_of[@]}"; do
  command -v "$tool" >/dev/null || missing+=("${package_of[$tool]}")
done
# Newlib has no command of its own.
[ -e /usr/lib/arm-none-eabi/newlib ] || [ -e /usr/include/newlib ] || missing+=(libnewlib-arm-none-eabi)

# Nor have clang's sanitizers: it names the file it would link where there is one.
[ -e "$(clang -print-file-name=libclang_rt.asan-x86_64.a 2>/dev/null)" ] ||
  [ -e "$(clang -print-file-name=libclang_rt.asan-aarch64.a 2>/dev/null)" ] || missing+=(libclang-rt-dev)

if [ ${#missing[@]} -eq 0 ]; then
  echo "all tools are installed"
  exit 0
fi
echo "installing ${missing[*]}"
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
"${sudo[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
