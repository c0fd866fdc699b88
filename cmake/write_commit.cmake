# cmake -D SOURCE_DIR=… -D OUTPUT=… [-D COMMIT=…] -P write_commit.cmake
#
# Writes OUTPUT, a header that defines WAKEGATE_COMMIT: COMMIT, or SOURCE_DIR's checked-out commit
# with "-dirty" for changed files, or "" where SOURCE_DIR is no clone. Does not touch an OUTPUT that
# is right already, so that nothing is compiled anew.
cmake_minimum_required(VERSION 3.25)

if(NOT COMMIT)
    find_program(GIT git)
    if(GIT AND EXISTS ${SOURCE_DIR}/.git)
        execute_process(
            COMMAND ${GIT} --no-optional-locks -c safe.directory=${SOURCE_DIR} describe --always --dirty --abbrev=12 --exclude=*
            WORKING_DIRECTORY ${SOURCE_DIR}
            OUTPUT_VARIABLE COMMIT
            OUTPUT_STRIP_TRAILING_WHITESPACE
            ERROR_QUIET
        )
    endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define WAKEGATE_COMMIT \"@COMMIT@\"\n" @ONLY)
