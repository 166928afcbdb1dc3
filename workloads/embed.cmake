# Data files travel inside the program: an assembler file includes each byte for byte between two symbols, and a table
# in C names them, kind by kind (data_kind of data.h), ascending by name.
set(embed_assembly ${CMAKE_BINARY_DIR}/embedded.S)
set(embed_table ${CMAKE_BINARY_DIR}/embedded.c)
set(embed_symbols "")
set(embed_externs "")
set(embed_rows "")
set(embed_files "")

function(embed_file symbol path)
  string(APPEND embed_symbols "    .global ${symbol}_begin\n    .global ${symbol}_end\n${symbol}_begin:\n"
    "    .incbin \"${path}\"\n${symbol}_end:\n    .byte 0\n")
  list(APPEND embed_files ${path})
  set(embed_symbols "${embed_symbols}" PARENT_SCOPE)
  set(embed_files ${embed_files} PARENT_SCOPE)
endfunction()

embed_file(data_catalog ${CMAKE_SOURCE_DIR}/workloads/catalog/aws.txt)
set(embed_count 0)
foreach(row "DATA_PROFILE|profiles" "DATA_QUOTA|presets/quota" "DATA_PROPAGATION|presets/propagation"
        "DATA_SCENARIO|scenarios")
  string(REPLACE "|" ";" row ${row})
  list(GET row 0 kind)
  list(GET row 1 folder)
  file(GLOB paths CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/workloads/${folder}/*.json)
  list(SORT paths COMPARE STRING)
  foreach(path ${paths})
    get_filename_component(name ${path} NAME_WLE)
    set(symbol data_file_${embed_count})
    embed_file(${symbol} ${path})
    string(APPEND embed_externs "extern const char ${symbol}_begin[], ${symbol}_end[];\n")
    string(APPEND embed_rows "    {${kind}, \"${name}\", \"workloads/${folder}/${name}.json\", ${symbol}_begin, "
      "${symbol}_end},\n")
    math(EXPR embed_count "${embed_count} + 1")
  endforeach()
endforeach()

file(WRITE ${embed_assembly}.new "    .section .rodata\n${embed_symbols}    .section .note.GNU-stack,\"\",%progbits\n")
file(WRITE ${embed_table}.new
     "#include \"workloads/embedded.h\"\n\n${embed_externs}\nconst embedded_file embedded_files[] = {\n"
  "${embed_rows}};\nconst uint32_t embedded_file_count = ${embed_count};\n")
file(COPY_FILE ${embed_assembly}.new ${embed_assembly} ONLY_IF_DIFFERENT)
file(COPY_FILE ${embed_table}.new ${embed_table} ONLY_IF_DIFFERENT)
set_source_files_properties(${embed_assembly} PROPERTIES OBJECT_DEPENDS "${embed_files}")
target_sources(workloads PRIVATE ${embed_assembly} ${embed_table})
