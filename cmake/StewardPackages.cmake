# The libraries Steward stands on; all from Debian's packages. Read by the build and by the installed package, so an outside
# project finds the same ones.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(CAF 0.17.6 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(SQLiteCpp CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(date CONFIG REQUIRED)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(gmime REQUIRED IMPORTED_TARGET gmime-3.0)
set_property(TARGET PkgConfig::gmime PROPERTY INTERFACE_COMPILE_OPTIONS)   # its -D_LARGEFILE64_SOURCE and -pthread would cost us the precompiled header
pkg_check_modules(libical REQUIRED IMPORTED_TARGET libical)
pkg_check_modules(libgit2 REQUIRED IMPORTED_TARGET libgit2)
pkg_check_modules(md4c REQUIRED IMPORTED_TARGET md4c-html)
pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
set_property(TARGET PkgConfig::re2 PROPERTY INTERFACE_COMPILE_OPTIONS)     # its -pthread and -std would cost us the precompiled header
