#include "emit/program.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "emit/calls.h"
#include "trace/hash.h"
#include "trace/print.h"

namespace cow::emit {
namespace {

using trace::Trace;

// Whoever wrote the trace does not end our comment.
std::string in_comment(std::string text) {
  for (std::size_t at = 0; (at = text.find("*/", at)) != std::string::npos;) text[at] = '+';
  return text;
}

std::string title(const Trace& trace) {
  std::string text = fmt::format("/*\n * {} {}\n", trace.name, trace::hash(trace));
  if (!trace.question.empty()) text += " * " + in_comment(trace.question) + "\n";
  return text + fmt::format(
                    " *\n * A trace of copy-on-write as a program, written by `cow emit`.\n"
                    " * cc -o {0} {0}.c && ./{0}\n"
                    " * As root it sees page frames too. Files are made in $TMPDIR, or else in "
                    "the folder for\n * temporary files.\n */\n",
                    trace.name);
}

std::string enumerators(const std::vector<std::string>& words, const char* count) {
  std::string text = "enum {";
  for (const std::string& word : words) text += " " + word + ",";
  return words.empty() ? "" : text + " " + count + " };\n";
}

// Regions stand 16 MiB apart, or farther: none ever touches another.
std::string addresses(const Trace& trace) {
  constexpr std::uint64_t kStride = 16u << 20, kFirst = std::uint64_t{1} << 44;
  std::vector<std::uint64_t> pages(trace.names.regions.size(), 1);
  const auto reaches = [&](Region region, std::uint32_t count) {
    pages[index(region)] = std::max<std::uint64_t>(pages[index(region)], count);
  };
  for (const trace::Item& item : trace.items)
    if (const auto* line = std::get_if<trace::StepLine>(&item)) {
      const Step& step = line->step;
      if (step.op == Op::map) reaches(step.region, step.count);
      if (step.op == Op::remap)
        reaches(step.to, std::min(step.last - step.first, kMaxPages - 1) + 1);
    }
  std::string text = "\nstatic const uintptr_t address_of[REGIONS] = {\n";
  std::uint64_t at = kFirst;
  for (std::size_t region = 0; region < pages.size(); ++region) {
    text += fmt::format("\t[{}] = {:#x},\n", "R_" + trace.names.regions[region], at);
    at += (pages[region] * 4096 / kStride + 2) * kStride;
  }
  return text + "};\n";
}

std::string names(const Trace& trace, bool has_places) {
  std::vector<std::string> processes, regions, refs, files;
  for (const std::uint32_t number : trace.names.processes)
    processes.push_back("P" + std::to_string(number));
  for (const std::string& name : trace.names.regions) regions.push_back("R_" + name);
  for (const std::string& name : trace.names.refs) refs.push_back("K_" + name);
  for (const std::string& name : trace.names.files) files.push_back("F_" + name);
  return "\n" + enumerators(processes, "PROCESSES") + enumerators(regions, "REGIONS") +
         enumerators(refs, "REFS") + enumerators(files, "FILES") +
         (has_places ? addresses(trace) : "");
}

bool uses_pipes(const Parts& parts) {
  return std::any_of(parts.begin(), parts.end(), [](auto p) { return p.starts_with("pipe"); });
}

std::string preparation(const Trace& trace, const Calls& calls) {
  std::string text;
  if (calls.parts().contains("map_file"))
    for (std::size_t file = 0; file < trace.setup.files.size(); ++file)
      text += fmt::format("\tmake_file({}, {}, {});\n",
                          file_word(trace, File{static_cast<std::uint32_t>(file)}),
                          trace.setup.files[file].pages, trace.setup.files[file].value);
  if (uses_pipes(calls.parts())) text += "\topen_pipes();\n";
  for (const auto& ring : calls.rings())
    text += fmt::format("\topen_ring({});\n", ref_word(trace, ring.first));
  return text;
}

// Of a trace with no step that can be done.
std::string empty_program(const Trace& trace, const Reduced& reduced) {
  std::string text = title(trace) + "#include <stdio.h>\n\nint main(void)\n{\n";
  text += fmt::format("\tprintf(\"TAP version 13\\n1..{}\\n\");\n", reduced.lines.size());
  for (std::size_t i = 0; i < reduced.lines.size(); ++i) {
    const std::string item = trace::print(*reduced.lines[i].item, trace.names);
    text += fmt::format("\tprintf(\"ok {} # SKIP {}: {}\\n\");\n", i + 1,
                        item.substr(0, item.find('\n')), reduced.lines[i].why_not);
  }
  return text + "\treturn 4;\n}\n";
}

bool has_work(const Reduced& reduced) {
  return std::any_of(reduced.lines.begin(), reduced.lines.end(), [](const Line& line) {
    return line.why_not.empty() && std::holds_alternative<trace::StepLine>(*line.item);
  });
}

}  // namespace

std::string program(const Trace& trace) {
  const Reduced reduced = reduce(trace);
  if (!has_work(reduced)) return empty_program(trace, reduced);
  Calls calls(trace, reduced.complete);
  if (trace.setup.frames != kEnoughFrames)
    calls.skip("frames " + std::to_string(trace.setup.frames), "memory does not run out here");
  for (const Line& line : reduced.lines) calls.write(line);
  Parts parts = calls.parts();
  parts.insert("processes");
  const std::string text = text_of(parts);
  const bool has_places = text.find("address_of") != std::string::npos;
  return title(trace) + std::string(part_texts().at("base")) + names(trace, has_places) + text +
         fmt::format("\nint main(void)\n{{\n\tbegin({}, {:#x});\n", calls.tests(), trace.rules) +
         preparation(trace, calls) + "\tstart();\n\n" + calls.text() + "\n\treturn finish();\n}\n";
}

}  // namespace cow::emit
