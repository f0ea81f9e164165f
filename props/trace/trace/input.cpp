// Reading files, with a limit.
#include "trace/input.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "trace/lexer.h"

namespace cow::trace {
namespace {

std::variant<std::string, Error> read_all(std::FILE* stream, const std::string& path) {
  std::string text;
  char buffer[1 << 16];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, stream)) {
    text.append(buffer, got);
    if (text.size() > kMaxText)
      return Error{path, 1, 1, "expected at most 64 MiB of text, found more"};
  }
  if (std::ferror(stream) != 0)
    return Error{path, 1, 1, "expected text, found what cannot be read"};
  return text;
}

}  // namespace

std::variant<std::string, Error> read_input(const std::string& path) {
  if (path == "-") return read_all(stdin, path);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return Error{path, 1, 1, "expected a file, found a folder"};
  std::FILE* stream = std::fopen(path.c_str(), "rb");
  if (stream == nullptr)
    return Error{path, 1, 1, std::string("expected a file, found: ") + std::strerror(errno)};
  std::variant<std::string, Error> text = read_all(stream, path);
  std::fclose(stream);
  return text;
}

}  // namespace cow::trace
