# steward_allocator(target): the program allocates with jemalloc. An event is allocated in one thread and freed in another, which
# glibc does slowly: a durable step costs a third less so (docs/decisions/0024). Sanitizers bring an allocator of their own.
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
function(steward_allocator target)
  if(NOT CMAKE_CXX_FLAGS MATCHES "sanitize")
    target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/cmake/allocator.cpp")
    target_link_libraries(${target} PRIVATE PkgConfig::jemalloc)
  endif()
endfunction()
