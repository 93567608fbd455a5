# One set of flags for every target: warnings are errors, sanitizers by preset, ccache and mold where present.

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR
    "Kthena is compiled with Clang 19 (run tools/setup, then configure with a preset: cmake --preset dev). "
    "GCC 12 destroys temporaries in co_await expressions twice.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

option(KTHENA_FUZZ "Build the libFuzzer targets" OFF)
option(KTHENA_COVERAGE "Instrument for source-based coverage" OFF)
set(KTHENA_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

find_program(KTHENA_CCACHE ccache)
if(KTHENA_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${KTHENA_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${KTHENA_CCACHE}")
endif()

# Line tables are what backtraces and profilers need; full debug information doubles link time.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -fno-omit-frame-pointer -DNDEBUG")
set(CMAKE_C_FLAGS_DEBUG "${CMAKE_CXX_FLAGS_DEBUG}")
set(CMAKE_C_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")

add_library(kthena_flags INTERFACE)
target_include_directories(kthena_flags INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(kthena_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -Wunused -Wcast-align -Werror
  # A struct initialised by name leaves out what has no say: Config{.port = 80}.
  -Wno-missing-designated-field-initializers
  # TRY and CO_TRY are statement expressions.
  -Wno-gnu-statement-expression -Wno-gnu-statement-expression-from-macro-expansion
  "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
target_link_options(kthena_flags INTERFACE -fuse-ld=mold)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(kthena_flags INTERFACE -march=x86-64-v2)
endif()
if(KTHENA_SANITIZE)
  target_compile_options(kthena_flags INTERFACE
    "-fsanitize=${KTHENA_SANITIZE}" -fno-sanitize-recover=all)
  target_link_options(kthena_flags INTERFACE "-fsanitize=${KTHENA_SANITIZE}")
  target_compile_definitions(kthena_flags INTERFACE KTHENA_SANITIZED=1)
endif()
if(KTHENA_COVERAGE)
  target_compile_options(kthena_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(kthena_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
endif()
if(KTHENA_FUZZ)
  target_compile_options(kthena_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
