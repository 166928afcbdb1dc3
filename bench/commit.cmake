# Run at build time: cmake -DFOLDER=… -DHEADER=… -P commit.cmake. The header changes only when what it says does, so a
# build that changes nothing compiles nothing. Without git, or outside a repository, the commit reads `unknown`.
set(commit unknown)
set(dirty 0)
find_program(git git)
if(git)
  execute_process(COMMAND ${git} -C ${FOLDER} rev-parse HEAD
                  OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed ERROR_QUIET)
  if(NOT failed)
    set(commit ${found})
    execute_process(COMMAND ${git} -C ${FOLDER} status --porcelain --untracked-files=no
                    OUTPUT_VARIABLE changes ERROR_QUIET)
    if(NOT changes STREQUAL "")
      set(dirty 1)
    endif()
  endif()
endif()
file(WRITE ${HEADER}.new "#define ORGSIM_COMMIT       \"${commit}\"\n#define ORGSIM_COMMIT_DIRTY ${dirty}\n")
file(COPY_FILE ${HEADER}.new ${HEADER} ONLY_IF_DIFFERENT)
