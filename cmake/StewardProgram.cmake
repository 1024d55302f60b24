# The one library (all folders in one archive) and the one binary, and what `cmake --install` lays down:
#   bin/steward   lib/libsteward.a   include/steward/<the tree's headers>   lib/cmake/steward (find_package(steward))
#   share/man/man1, and completions for bash, zsh and fish where Debian's shells look for them
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(_objects "")
foreach(folder IN LISTS STEWARD_FOLDERS)
  if(folder)
    list(APPEND _objects $<TARGET_OBJECTS:${folder}>)
  endif()
endforeach()
add_library(steward_library STATIC ${_objects})
set_target_properties(steward_library PROPERTIES OUTPUT_NAME steward EXPORT_NAME steward LINKER_LANGUAGE CXX)
target_include_directories(steward_library PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/steward>)
target_compile_features(steward_library PUBLIC cxx_std_20)
get_property(_outside GLOBAL PROPERTY STEWARD_OUTSIDE)
list(REMOVE_DUPLICATES _outside)
target_link_libraries(steward_library PUBLIC ${_outside})

install(TARGETS steward_library EXPORT steward ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT steward NAMESPACE steward:: FILE stewardTargets.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/steward)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/stewardConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES cmake/stewardConfig.cmake cmake/StewardPackages.cmake cmake/FindCAF.cmake "${PROJECT_BINARY_DIR}/stewardConfigVersion.cmake"
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/steward)
install(DIRECTORY runtime actors connectors policies config console
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/steward FILES_MATCHING PATTERN "*.hpp")

if(EXISTS "${PROJECT_SOURCE_DIR}/console/main.cpp")
  add_executable(steward_program console/main.cpp)
  set_target_properties(steward_program PROPERTIES OUTPUT_NAME steward)
  target_link_libraries(steward_program PRIVATE steward_console steward_actors steward_connectors steward_policies)
  target_precompile_headers(steward_program REUSE_FROM steward_pch_caf)
  steward_allocator(steward_program)
  install(TARGETS steward_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  # The program prints its own manual page and completions, so they can't be of another version.
  install(CODE "
    set(pages \"${PROJECT_BINARY_DIR}/share\")
    foreach(page IN ITEMS \"man|man/man1/steward.1\" \"completions bash|bash-completion/completions/steward\"
                          \"completions zsh|zsh/vendor-completions/_steward\" \"completions fish|fish/vendor_completions.d/steward.fish\")
      string(REGEX REPLACE \"(.*)[|].*\" \"\\\\1\" words \"\${page}\")
      string(REGEX REPLACE \".*[|](.*)\" \"\\\\1\" file \"\${page}\")
      separate_arguments(words)
      cmake_path(GET file PARENT_PATH folder)
      file(MAKE_DIRECTORY \"\${pages}/\${folder}\")
      execute_process(COMMAND \"$<TARGET_FILE:steward_program>\" \${words} OUTPUT_FILE \"\${pages}/\${file}\" COMMAND_ERROR_IS_FATAL ANY)
      file(INSTALL \"\${pages}/\${file}\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/\${folder}\")
    endforeach()")
endif()
