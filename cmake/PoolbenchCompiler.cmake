# Warnings and sanitizers, for our own targets only.
add_library(poolbench_compiler INTERFACE)
target_compile_options(poolbench_compiler INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${POOLBENCH_WERROR}>>:-Werror>)
target_compile_definitions(poolbench_compiler INTERFACE FMT_HEADER_ONLY=0)
target_include_directories(poolbench_compiler INTERFACE ${CMAKE_SOURCE_DIR}/harness)

if(POOLBENCH_SANITIZE)
  add_compile_options(-fsanitize=${POOLBENCH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${POOLBENCH_SANITIZE})
endif()
if(POOLBENCH_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(POOLBENCH_CCACHE ccache)
if(POOLBENCH_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${POOLBENCH_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${POOLBENCH_CCACHE})
endif()

# It links a room's tests, or the program, in a tenth of the time.
find_program(POOLBENCH_MOLD mold)
if(POOLBENCH_MOLD AND CMAKE_BUILD_TYPE STREQUAL "Debug" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()
