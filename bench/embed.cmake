# The report's style sheet and gnuplot scripts travel inside the program, byte for byte, each between two symbols:
# plot_lag_gp_begin and plot_lag_gp_end, plot_report_css_begin …
file(GLOB report_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/plot/*.gp ${CMAKE_SOURCE_DIR}/bench/plot/*.css)
set(report_text "    .section .rodata\n")
foreach(file ${report_files})
  get_filename_component(name ${file} NAME)
  string(REPLACE "." "_" name "plot_${name}")
  string(APPEND report_text "    .global ${name}_begin\n    .global ${name}_end\n${name}_begin:\n"
    "    .incbin \"${file}\"\n${name}_end:\n    .byte 0\n")
endforeach()
string(APPEND report_text "    .section .note.GNU-stack,\"\",%progbits\n")
set(report_assembly ${CMAKE_BINARY_DIR}/report.S)
file(WRITE ${report_assembly}.new "${report_text}")
file(COPY_FILE ${report_assembly}.new ${report_assembly} ONLY_IF_DIFFERENT)
set_source_files_properties(${report_assembly} PROPERTIES OBJECT_DEPENDS "${report_files}")
target_sources(bench PRIVATE ${report_assembly})
