# Test registration: tests/unit/test_<module>.c, tests/prop/prop_<law>.c, tests/fuzz/fuzz_<entry>.c, tests/runs/*.sh.

# orgsim_check(NAME LABEL COMMAND...): a test that is a script, with the labels and limits of its kind.
function(orgsim_check name label)
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 600 SKIP_RETURN_CODE 77)
endfunction()

# Guards of the code itself; each is itself tested with planted faults.
orgsim_check(tidy guard ${CMAKE_COMMAND} -P ${CMAKE_SOURCE_DIR}/tests/tidy.cmake)
orgsim_check(tidy_self_test guard ${CMAKE_COMMAND} -DSELF_TEST=${CMAKE_BINARY_DIR}/tidy-self-test
             -P ${CMAKE_SOURCE_DIR}/tests/tidy.cmake)
set(deterministic_libraries "")
foreach(room base policy engine org authz oracle control world workloads)
  if(TARGET ${room})
    list(APPEND deterministic_libraries $<TARGET_FILE:${room}>)
  endif()
endforeach()
orgsim_check(nm guard ${CMAKE_COMMAND} -E env NM=${CMAKE_NM} bash ${CMAKE_SOURCE_DIR}/tests/runs/nm.sh
             ${deterministic_libraries})
orgsim_check(nm_self_test guard ${CMAKE_COMMAND} -E env NM=${CMAKE_NM} bash ${CMAKE_SOURCE_DIR}/tests/runs/nm.sh
             --self-test ${CMAKE_C_COMPILER})

find_program(PYTHON3 python3)
if(PYTHON3)
  orgsim_check(scenario_schema runs ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/runs/schema.py ${CMAKE_SOURCE_DIR})
endif()

# Rows that are wrong, each with a right one behind it.
if(PYTHON3 AND TARGET orgsim)
  orgsim_check(rows runs ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/runs/rows.py $<TARGET_FILE:orgsim>)
endif()

# Cases made by others, where somebody has them beside the project.
set(ORGSIM_CORPUS ${CMAKE_SOURCE_DIR}/../shared/corpus CACHE PATH "folder with cases/*.jsonl; skipped without it")
if(PYTHON3 AND TARGET orgsim)
  orgsim_check(corpus runs ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/runs/corpus.py $<TARGET_FILE:orgsim> ${ORGSIM_CORPUS})
endif()

if(TARGET orgsim)
  orgsim_check(cli runs bash ${CMAKE_SOURCE_DIR}/tests/runs/cli.sh $<TARGET_FILE:orgsim> ${CMAKE_SOURCE_DIR}/tests)
  orgsim_check(eval runs bash ${CMAKE_SOURCE_DIR}/tests/runs/eval.sh $<TARGET_FILE:orgsim> ${CMAKE_SOURCE_DIR}/tests)
  orgsim_check(bad_input runs bash ${CMAKE_SOURCE_DIR}/tests/runs/bad_input.sh $<TARGET_FILE:orgsim>
               ${CMAKE_SOURCE_DIR}/tests)
  orgsim_check(explain runs bash ${CMAKE_SOURCE_DIR}/tests/runs/explain.sh $<TARGET_FILE:orgsim>
               ${CMAKE_SOURCE_DIR}/tests)
  if(PYTHON3)
    orgsim_check(check runs ${PYTHON3} ${CMAKE_SOURCE_DIR}/tests/runs/check.py $<TARGET_FILE:orgsim>
                 ${CMAKE_SOURCE_DIR})
  endif()
endif()

set(top_room bench)
foreach(candidate base policy engine org authz oracle control world workloads bench cli)
  if(TARGET ${candidate})
    set(top_room ${candidate})
  endif()
endforeach()

# By hand or at night: everything that CI leaves out or does for seconds only.
add_custom_target(check COMMAND ${CMAKE_CTEST_COMMAND} --output-on-failure USES_TERMINAL)
add_custom_target(check-slow USES_TERMINAL WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
  COMMAND bash tests/runs/foreign.sh COMMAND bash tests/runs/tsan.sh COMMAND bash tests/runs/eval_large.sh
  COMMAND bash tests/runs/fuzz.sh 600 COMMAND bash tests/runs/decisions.sh 10000000)

# A fuzz entry is libFuzzer's under the preset `fuzz`; elsewhere a test replays its seeds and whatever was ever found.
function(orgsim_fuzz source)
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "^fuzz_" "" entry ${name})
  set(tests ${CMAKE_SOURCE_DIR}/tests)
  add_executable(${name} ${source} ${tests}/fuzz/fuzz.c)
  target_link_libraries(${name} PRIVATE ${top_room} oracle PkgConfig::CJSON) # cJSON: the reference of fuzz_json
  target_include_directories(${name} PRIVATE ${tests})
  if(ORGSIM_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    return()
  endif()
  target_sources(${name} PRIVATE ${tests}/fuzz/replay.c)
  file(GLOB_RECURSE rows CONFIGURE_DEPENDS ${tests}/cases/*.jsonl)
  orgsim_check(${name} fuzz ${name} ${tests}/fuzz/seeds/${entry} ${tests}/fuzz/findings/${entry} ${rows})
endfunction()

file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_*.c)
foreach(source ${sources})
  orgsim_fuzz(${source})
endforeach()
if(ORGSIM_FUZZ)
  return()
endif()

pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)
if(NOT CMOCKA_FOUND)
  message(STATUS "cmocka not found: unit and property tests are not built")
  return()
endif()

file(GLOB support_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/support/*.c)
if(support_sources)
  add_library(support STATIC ${support_sources})
  target_link_libraries(support PUBLIC ${top_room} PkgConfig::CMOCKA)
  if(TARGET oracle)
    target_link_libraries(support PUBLIC oracle)
  endif()
  target_include_directories(support PUBLIC ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(support PRIVATE TESTS_FOLDER="${CMAKE_SOURCE_DIR}/tests")
endif()

# A unit test links the room of its module and what lies below, nothing above.
function(orgsim_test source label)
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "^test_" "" module ${name})
  file(GLOB owner ${CMAKE_SOURCE_DIR}/sim/*/${module}.c ${CMAKE_SOURCE_DIR}/workloads/${module}.c
       ${CMAKE_SOURCE_DIR}/bench/${module}.c)
  set(library support)
  if(owner AND label STREQUAL unit)
    list(GET owner 0 owner)
    get_filename_component(folder ${owner} DIRECTORY)
    get_filename_component(library ${folder} NAME)
  endif()
  if(NOT TARGET ${library})
    return()
  endif()
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE ${library} PkgConfig::CMOCKA m) # m: reference values of the tests
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE TESTS_DIR="${CMAKE_SOURCE_DIR}/tests" SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
  # `label threads` in its first comment: the test starts threads itself or through what it calls, and is for TSan too.
  file(STRINGS ${source} first_lines LIMIT_COUNT 12)
  if("${first_lines}" MATCHES "label threads")
    list(APPEND label threads)
    add_dependencies(threads ${name})
  endif()
  # `label release`: it does a part of its work under sanitizers, and all of it in the preset `release`.
  if("${first_lines}" MATCHES "label release")
    list(APPEND label release)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${label}" TIMEOUT 600 SKIP_RETURN_CODE 77)
endfunction()

add_custom_target(threads) # what tests/runs/tsan.sh builds
foreach(kind unit prop)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${kind}/*.c)
  foreach(source ${sources})
    orgsim_test(${source} ${kind})
  endforeach()
endforeach()
