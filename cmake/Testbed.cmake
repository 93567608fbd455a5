# Tests against a real Kubernetes API server: each runs inside a bed of its own, so that they may run side by side, kill
# what they like and leave nothing behind. A machine that has no bed skips them, and says so by name.

# kthena_testbed_test(client_suite COMMAND client_suite_test [ARGUMENT…] [BED --with-controller-manager …] [TIMEOUT 300])
# COMMAND is a target or a program. It finds the server by KUBECONFIG and KTHENA_TESTBED_* (docs/guide/test-bed.md).
function(kthena_testbed_test name)
  if(KTHENA_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "TIMEOUT" "COMMAND;BED" ${ARGN})
  if(NOT ARG_COMMAND)
    message(FATAL_ERROR "kthena_testbed_test(${name}): COMMAND is missing")
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  list(POP_FRONT ARG_COMMAND program)
  if(TARGET ${program})
    set(program "$<TARGET_FILE:${program}>")
  endif()
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_test(NAME ${name} COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/tools/testbed" run ${ARG_BED} --
    "${program}" ${ARG_COMMAND} WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES LABELS integration TIMEOUT ${ARG_TIMEOUT} SKIP_RETURN_CODE 77
    ENVIRONMENT "PYTHONPATH=${CMAKE_SOURCE_DIR}/test/integration")
endfunction()

# kthena_embedded_test(name COMMAND program …): the same against our own API server, which needs no Go.
function(kthena_embedded_test name)
  kthena_testbed_test(${name} ${ARGN} BED --embedded "$<TARGET_FILE:kthena>")
endfunction()
