# Data files travel inside the program: an assembler file includes each byte for byte, between two symbols.
set(embed_assembly ${CMAKE_BINARY_DIR}/embedded.S)
set(embed_catalog ${CMAKE_SOURCE_DIR}/workloads/catalog/aws.txt)
file(WRITE ${embed_assembly}.new
  "    .section .rodata\n    .global data_catalog_begin\n    .global data_catalog_end\ndata_catalog_begin:\n"
  "    .incbin \"${embed_catalog}\"\ndata_catalog_end:\n    .byte 0\n    .section .note.GNU-stack,\"\",%progbits\n")
file(COPY_FILE ${embed_assembly}.new ${embed_assembly} ONLY_IF_DIFFERENT)
set_source_files_properties(${embed_assembly} PROPERTIES OBJECT_DEPENDS ${embed_catalog})
target_sources(workloads PRIVATE ${embed_assembly})
