# Between installation and packing: what Debian's policy requires of a package's documentation.
set(root ${CPACK_TEMPORARY_DIRECTORY})
set(doc ${root}/usr/share/doc/wakegate)
set(source ${CMAKE_CURRENT_LIST_DIR}/..)

if(DEFINED ENV{SOURCE_DATE_EPOCH})
    set(date $ENV{SOURCE_DATE_EPOCH})
else()
    string(TIMESTAMP date %s UTC)
endif()
execute_process(COMMAND date -u -R -d @${date} OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE)

file(REMOVE ${doc}/LICENSE) # the copyright file refers to Debian's copy
file(COPY_FILE ${source}/deploy/debian/copyright ${doc}/copyright)
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
file(
    WRITE ${doc}/changelog.Debian
    "wakegate (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * See changelog.gz.

 -- ${CPACK_DEBIAN_PACKAGE_MAINTAINER}  ${date}
"
)
file(GLOB pages ${root}/usr/share/man/man8/*.8)
execute_process(
    COMMAND gzip -9nf ${doc}/changelog ${doc}/changelog.Debian ${pages} COMMAND_ERROR_IS_FATAL ANY
)
# Independent of the builder's umask.
execute_process(COMMAND chmod -R u=rwX,go=rX ${root} COMMAND_ERROR_IS_FATAL ANY)
