# poolbench_tests(<target> <label> [ONLY pattern...] [EXCEPT pattern...] [TIMING pattern...] [PROPERTIES name value...])
#
# Its tests (those that match an ONLY pattern of googletest's filters and no EXCEPT pattern) are run by ctest with this label and these properties.
# Those that match a TIMING pattern have the label <label>-timing: they measure time, which a busy machine may spoil, so that tools/test gives them, and
# no others, another try.
function(poolbench_tests target label)
  cmake_parse_arguments(TESTS "" "" "ONLY;EXCEPT;TIMING;PROPERTIES" ${ARGN})
  list(JOIN TESTS_ONLY ":" only)
  list(APPEND TESTS_EXCEPT ${TESTS_TIMING})
  list(JOIN TESTS_EXCEPT ":" except)
  gtest_discover_tests(${target} TEST_FILTER "${only}-${except}" DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${label} ${TESTS_PROPERTIES})
  if(TESTS_TIMING)
    list(JOIN TESTS_TIMING ":" timing)
    gtest_discover_tests(${target} TEST_FILTER "${timing}" DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS ${label}-timing ${TESTS_PROPERTIES})
  endif()
endfunction()

# poolbench_room(<name> [COLD] [DEPENDS room...] [LIBRARIES target...] [INTEGRATION pattern...] [TIMING pattern...])
#
# One static library from the *.cpp of the room's folder and of the folders in it; *_test.cpp become the executable <name>_test, run by ctest;
# *_fuzz.cpp become one libFuzzer executable each; main.cpp, testdata/ and bench/ are left out. DEPENDS names the rooms whose headers this one
# includes, no more and no less (tools/check-rooms sees to it). INTEGRATION names the tests with sockets, child processes or sleeps: their label is
# integration, that of the others unit. TIMING, of these: as for poolbench_tests.
# COLD: nobody waits for its code. A release build, which somebody waits for, optimises it less.
function(poolbench_room name)
  cmake_parse_arguments(ROOM "COLD" "" "DEPENDS;LIBRARIES;INTEGRATION;TIMING" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp */*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$|/(testdata|bench)/[^/]*$")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(fuzzers ${sources})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz)\\.cpp$")
  list(TRANSFORM ROOM_DEPENDS PREPEND poolbench_)
  if(ROOM_TIMING AND NOT ROOM_INTEGRATION)
    message(FATAL_ERROR "${name}: what measures time is an integration test")
  endif()

  add_library(poolbench_${name} STATIC ${sources})
  target_link_libraries(poolbench_${name} PUBLIC poolbench_compiler ${ROOM_DEPENDS} ${ROOM_LIBRARIES})
  if(ROOM_COLD)
    target_compile_options(poolbench_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()

  if(POOLBENCH_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE poolbench_${name} GTest::gmock GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE POOLBENCH_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    set_target_properties(${name}_test PROPERTIES UNITY_BUILD OFF)
    if(NOT ROOM_INTEGRATION STREQUAL "*")
      poolbench_tests(${name}_test unit EXCEPT ${ROOM_INTEGRATION} ${ROOM_TIMING} PROPERTIES TIMEOUT 120)
    endif()
    if(ROOM_INTEGRATION)
      poolbench_tests(${name}_test integration ONLY ${ROOM_INTEGRATION} TIMING ${ROOM_TIMING} PROPERTIES TIMEOUT 120)
    endif()
  endif()
  if(POOLBENCH_FUZZ)
    foreach(fuzzer ${fuzzers})
      get_filename_component(target ${fuzzer} NAME_WE)
      add_executable(${target} ${fuzzer})
      target_link_libraries(${target} PRIVATE poolbench_${name})
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()
