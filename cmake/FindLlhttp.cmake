# llhttp: a library on Debian 13 (libllhttp-dev), C sources beside a header on Debian 12 (node-llhttp).
# Defines the target Llhttp::Llhttp.
include(FindPackageHandleStandardArgs)
find_path(Llhttp_INCLUDE_DIR llhttp.h PATHS /usr/share/include/llhttp)
find_library(Llhttp_LIBRARY llhttp)
set(Llhttp_SOURCE_DIR /usr/share/llhttp)
if(Llhttp_LIBRARY)
  set(Llhttp_FORM ${Llhttp_LIBRARY})
elseif(EXISTS ${Llhttp_SOURCE_DIR}/llhttp.c)
  set(Llhttp_FORM ${Llhttp_SOURCE_DIR})
endif()
find_package_handle_standard_args(Llhttp REQUIRED_VARS Llhttp_FORM Llhttp_INCLUDE_DIR)

if(Llhttp_FOUND AND NOT TARGET Llhttp::Llhttp)
  if(Llhttp_LIBRARY)
    add_library(Llhttp::Llhttp UNKNOWN IMPORTED)
    set_target_properties(Llhttp::Llhttp PROPERTIES
      IMPORTED_LOCATION ${Llhttp_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${Llhttp_INCLUDE_DIR})
  else()
    add_library(llhttp_from_sources STATIC
      ${Llhttp_SOURCE_DIR}/llhttp.c ${Llhttp_SOURCE_DIR}/api.c ${Llhttp_SOURCE_DIR}/http.c)
    target_include_directories(llhttp_from_sources SYSTEM PUBLIC ${Llhttp_INCLUDE_DIR})
    # Version 8 takes any byte for the line feed after a carriage return unless it is told to be strict.
    target_compile_definitions(llhttp_from_sources PRIVATE LLHTTP_STRICT_MODE=1)
    set_target_properties(llhttp_from_sources PROPERTIES UNITY_BUILD OFF)
    add_library(Llhttp::Llhttp ALIAS llhttp_from_sources)
  endif()
endif()
