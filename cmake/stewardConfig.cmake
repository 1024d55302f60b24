# find_package(steward): the target steward::steward, with the libraries it stands on.
list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")   # FindCAF.cmake; Debian ships CAF without a CMake package
include("${CMAKE_CURRENT_LIST_DIR}/StewardPackages.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/stewardTargets.cmake")
