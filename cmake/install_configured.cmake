# Part of the installation: example configuration and systemd units for the installation's prefix.
# For /usr configuration is in /etc, as the file hierarchy standard has it.
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    set(CONFIGDIR /etc/wakegate)
else()
    set(CONFIGDIR ${CMAKE_INSTALL_PREFIX}/etc/wakegate)
endif()
set(BINDIR ${CMAKE_INSTALL_PREFIX}/${BINDIR})

foreach(program proxy scaler actuator)
    # Keeps existing files; for a package dpkg does that.
    if(NOT EXISTS $ENV{DESTDIR}${CONFIGDIR}/${program}.yaml)
        file(INSTALL ${SOURCE_DIR}/deploy/config/${program}.yaml DESTINATION ${CONFIGDIR})
    endif()
    configure_file(
        ${SOURCE_DIR}/deploy/systemd/wakegate-${program}.service.in
        ${BINARY_DIR}/systemd/wakegate-${program}.service @ONLY
    )
    file(INSTALL ${BINARY_DIR}/systemd/wakegate-${program}.service
         DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system
    )
endforeach()
