# cmake -DPARTS=FOLDER -DOUTPUT=FILE -P embed.cmake: the C text of each part, as a C++ table.
file(GLOB files ${PARTS}/*.c)
list(SORT files)
set(rows)
foreach(file ${files})
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND rows "    {\"${name}\", R\"part(${text})part\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"emit/parts.h\"\n\nnamespace cow::emit {\n
const std::map<std::string_view, std::string_view>& part_texts() {
  static const std::map<std::string_view, std::string_view> all = {\n${rows}  };
  return all;\n}\n\n}  // namespace cow::emit\n")
