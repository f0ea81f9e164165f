// The hash of a trace.
#include "trace/hash.h"

#include <openssl/sha.h>

#include <array>

#include "trace/print.h"

namespace cow::trace {
namespace {

struct StepsPrinter {
  const NameTable& names;

  std::string operator()(const StepLine& line) const { return print(line.step, names) + "\n"; }
  std::string operator()(const Unmodelled& line) const { return line.text + "\n"; }
  std::string operator()(const Fact&) const { return {}; }
  std::string operator()(const Judgement&) const { return {}; }
  std::string operator()(const Par& par) const {
    Par bare = par;
    for (std::vector<Item>& column : bare.columns)
      for (Item& item : column) {
        if (auto* step = std::get_if<StepLine>(&item)) {
          step->outcome = step->value = {};
          step->binding.clear();
        }
        if (auto* other = std::get_if<Unmodelled>(&item)) {
          other->outcome = other->value = {};
          other->binding.clear();
        }
      }
    return print(Item{bare}, names);
  }
};

}  // namespace

std::string hash_text(const Trace& trace) {
  std::string text;
  for (std::size_t i = 0; i < trace.setup.files.size(); ++i) {
    const FileSetup& file = trace.setup.files[i];
    text += "file " + trace.names.files[i] + " " + std::to_string(file.pages);
    if (file.value != 0) text += " = " + std::to_string(file.value);
    text += "\n";
  }
  if (trace.setup.frames != kEnoughFrames)
    text += "frames " + std::to_string(trace.setup.frames) + "\n";
  for (const Item& item : trace.items) text += std::visit(StepsPrinter{trace.names}, item);
  return text;
}

std::string short_sha256(const std::string& text) {
  constexpr std::size_t kBytes = 6;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string hex;
  for (std::size_t i = 0; i < kBytes; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

std::string hash(const Trace& trace) { return short_sha256(hash_text(trace)); }

}  // namespace cow::trace
