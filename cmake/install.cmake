# Rules of `cmake --install` and `cpack`. Paths inside files (units) depend on the installation's
# prefix, which is known only then: cmake/install_configured.cmake.
include(GNUInstallDirs)

install(TARGETS wakegate-proxy wakegate-scaler wakegate-actuator RUNTIME)
install(FILES LICENSE CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES deploy/systemd/wakegate.conf DESTINATION lib/sysusers.d)
install(FILES deploy/systemd/50-wakegate.rules DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(DIRECTORY ${CMAKE_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 FILES_MATCHING PATTERN "*.8")
install(
    CODE "set(SOURCE_DIR \"${CMAKE_SOURCE_DIR}\")
set(BINARY_DIR \"${CMAKE_BINARY_DIR}\")
set(BINDIR \"${CMAKE_INSTALL_BINDIR}\")"
)
install(SCRIPT cmake/install_configured.cmake)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME wakegate)
set(CPACK_PACKAGE_VENDOR "wakegate")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "gate that wakes sleeping PostgreSQL clusters")
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON) # files below /etc have absolute destinations
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/package)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/debian_files.cmake)

set(WAKEGATE_MAINTAINER
    "wakegate maintainers <maintainers@wakegate.invalid>"
    CACHE STRING "Name and address of whoever answers for the .deb"
)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${WAKEGATE_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "polkitd, postgresql")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "A proxy that holds PostgreSQL clients while their cluster sleeps, has it woken,
and lets them through in order. The scaler sums up what the proxies' clients
want and answers KEDA with it; the actuator takes KEDA's part on machines
without Kubernetes."
)
set(debian ${CMAKE_SOURCE_DIR}/deploy/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian}/conffiles ${debian}/postinst ${debian}/prerm ${debian}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
