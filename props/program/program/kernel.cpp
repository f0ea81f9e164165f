// `cow kernel`: traces in real processes on the kernel that this runs on.
#include "program/kernel.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <iterator>

#include "kernel/beyond.h"
#include "kernel/change.h"
#include "kernel/journal.h"
#include "program/builtin.h"
#include "program/command.h"
#include "program/rules.h"
#include "trace/rule_name.h"

namespace cow::program {
namespace {

std::optional<int> parse_options(std::vector<std::string> arguments, KernelOptions& o) {
  CLI::App app{
      "Replays traces in real processes on the running kernel, and compares everything that\n"
      "can be seen with the specification after every step.",
      "cow kernel"};
  auto* files = app.add_option("FILE", o.files, "traces; `-` is standard input");
  app.add_option("--rule", o.rule, "another rule set than that of the running kernel");
  app.add_option("--sight", o.sight, "look at no more than: contents, bits or frames")
      ->check(CLI::IsMember({"contents", "bits", "frames"}));
  auto* events = app.add_flag("--events", o.events,
                              "as root: see faults and allocations by tracepoints, in a tracefs\n"
                              "instance that is removed at the end")
                     ->excludes("--sight");
  auto* random = app.add_option("--random", o.random.steps, "so many steps of random traces")
                     ->check(CLI::Range(1u, 1'000'000'000u));
  app.add_option("--seed", o.random.seed, "what repeats a random run (default 1)")->needs(random);
  app.add_option("--steps", o.random.size, "steps of a random trace, at most (default 50)")
      ->check(CLI::Range(1u, 10'000u))
      ->needs(random);
  std::vector<std::string> words;
  words.reserve(std::size(kernel::kCanBeLeftOut));
  for (const kernel::CanBeLeftOut& out : kernel::kCanBeLeftOut) words.emplace_back(out.word);
  app.add_option("--without", o.random.without,
                 "random steps to leave out, as `protect-part,force-write`")
      ->delimiter(',')
      ->check(CLI::IsMember(words))
      ->needs(random);
  app.add_flag("--ksm", o.wishes.ksm, "as root: start KSM, for traces with `sys ksm`")
      ->excludes(random);
  app.add_flag("--swap", o.wishes.swap,
               "as root: swap to a file of the temporary folder, for traces with `sys swapout`")
      ->excludes(random);
  app.add_flag("--hugetlb", o.wishes.hugetlb,
               "as root: set huge pages aside, for traces with `map … hugetlb`; like the two\n"
               "before, this is put back at the end")
      ->excludes(random);
  app.add_option("--limit", o.limit, "seconds until a step that hangs is given up (default 10)")
      ->check(CLI::Range(1u, 3600u));
  auto* record = app.add_flag("--record", o.record,
                              "write what the kernel did into the traces, under its rule set");
  auto* json = app.add_flag("--json", o.json, "one JSON document; text to standard error");
  auto* tap = app.add_flag("--tap", o.tap, "TAP version 13")->excludes(json);
  auto* row = app.add_flag("--row", o.row, "a line of the table of docs/kernels.md");
  auto* restore =
      app.add_flag("--restore", o.restore, "put back what runs that were killed have left changed");
  restore->excludes(files)->excludes(random)->excludes(events);
  random->excludes(files)->excludes(record)->excludes(json)->excludes(tap);
  record->excludes(json)->excludes(tap)->excludes(row);
  row->excludes(json)->excludes(tap);
  if (const auto status = parse(app, std::move(arguments))) return status;
  o.is_random = random->count() > 0;
  if (!o.is_random && !o.restore && o.files.empty()) {
    fmt::print(stderr,
               "cow kernel: FILE, --random or --restore is required\nTry `cow kernel --help`.\n");
    return kUnusable;
  }
  return std::nullopt;
}

kernel::Sight sight_asked_for(const std::string& word) {
  const auto* at = std::find(std::begin(kernel::kSightWords), std::end(kernel::kSightWords), word);
  if (at == std::end(kernel::kSightWords)) return kernel::Sight::frames;
  return static_cast<kernel::Sight>(at - std::begin(kernel::kSightWords));
}

// The rule set that was asked for, or that stands for the running kernel.
std::variant<std::size_t, int> choose_rule(const KernelOptions& options,
                                           const std::string& release) {
  if (!options.rule.empty()) {
    if (const auto rule = rule_asked_for("kernel", options.rule)) return *rule;
    return kUnusable;
  }
  if (const auto rule = trace::rule_for_kernel(release)) return *rule;
  fmt::print(stderr, "cow kernel: no rule set stands for Linux {}; --rule names one\n", release);
  return kCannot;
}

// Of what was wished for, what the traces have a use for.
kernel::Wishes of_use(const kernel::Wishes& asked, const std::vector<Input>& inputs) {
  kernel::Wishes all;
  for (const Input& input : inputs) {
    const kernel::Wishes one = kernel::wishes_of(std::get<trace::Trace>(input.content));
    all.ksm = all.ksm || (asked.ksm && one.ksm);
    all.swap = all.swap || (asked.swap && one.swap);
    all.hugetlb = all.hugetlb || (asked.hugetlb && one.hugetlb);
  }
  return all;
}

// Throws NoChange where a run that was killed has left something.
void expect_untouched() {
  if (!kernel::find_journals().orphans.empty())
    throw kernel::NoChange("a killed run has left changes; `cow kernel --restore` puts them back");
}

// After SIGKILL this line is what is left.
void say_changes() {
  const auto changes = kernel::changes_of_this_run();
  if (!changes.empty())
    fmt::print(stderr, "cow kernel: changed until the end, or `cow kernel --restore`: {}\n",
               fmt::join(changes, "; "));
}

// Empty: files can be made there.
std::string why_no_folder() {
  const std::string folder = kernel::temporary_folder();
  if (access(folder.c_str(), W_OK | X_OK) == 0) return "";
  return fmt::format("the temporary folder {} cannot be used: {}", folder, std::strerror(errno));
}

// The latest change first.
bool put_back(const kernel::Orphan& orphan) {
  bool all = true;
  for (auto line = orphan.changes.rbegin(); line != orphan.changes.rend(); ++line) {
    const auto change = kernel::parse_change(*line);
    const std::string why_not = change ? kernel::undo(*change) : "no change of this program";
    if (why_not.empty()) {
      fmt::print("put back: {}\n", *line);
    } else {
      fmt::print(stderr, "{}: cannot be put back: {}: {}\n", orphan.path, *line, why_not);
      all = false;
    }
  }
  return all;
}

}  // namespace

std::vector<std::string> describe(const KernelRun& k) {
  const kernel::Sight sight = k.machine.sight();
  std::vector<std::string> lines = {
      fmt::format("Linux {}, rule set {}, sight {}", k.release, kRules[k.rule].name,
                  kernel::kSightWords[static_cast<std::size_t>(sight)])};
  if (!k.machine.why().empty())
    lines[0] +=
        fmt::format(" ({}; not compared: {})", k.machine.why(), kernel::not_compared(sight));
  if (!k.options.is_random) lines[0] += "; verdicts are the specification's, of the same steps";
  const auto changes = kernel::changes_of_this_run();
  if (!changes.empty())
    lines.push_back(fmt::format("changed on the system, and put back at the end: {}",
                                fmt::join(changes, "; ")));
  return lines;
}

// Distributions that count releases their own way say x.y.0-….
std::string kernel_name(const KernelRun& k) {
  const std::string number = k.release.substr(0, k.release.find_first_not_of("0123456789."));
  return number.ends_with(".0") ? k.release : number;
}

int command_kernel(std::vector<std::string> arguments) {
  KernelOptions options;
  if (const auto status = parse_options(std::move(arguments), options)) return *status;
  if (options.restore) return kernel_restore();
  utsname system{};
  uname(&system);
  const std::string release = system.release;
  const auto rule = choose_rule(options, release);
  if (const int* status = std::get_if<int>(&rule)) return *status;
  std::optional<std::vector<Input>> inputs;
  if (!options.is_random) {
    inputs = read_inputs(options.files, Beyond::taken);
    if (!inputs) return kUnusable;
    for (const Input& input : *inputs)
      if (std::holds_alternative<trace::State>(input.content)) {
        fmt::print(stderr, "{}:1:1: error: a state cannot be replayed\n", input.path);
        return kUnusable;
      }
  }
  if (const std::string why = why_no_folder(); !why.empty()) {
    fmt::print(stderr, "cow kernel: skipped: {}\n", why);
    return kCannot;
  }
  try {
    const kernel::Wishes wishes = inputs ? of_use(options.wishes, *inputs) : kernel::Wishes{};
    const bool borrows = wishes.ksm || wishes.swap || wishes.hugetlb;
    if (borrows || options.events) expect_untouched();
    const kernel::Borrowed borrowed(wishes);
    kernel::Machine machine(options.events ? kernel::Sight::events : sight_asked_for(options.sight),
                            std::chrono::seconds(options.limit));
    say_changes();
    const KernelRun run{options, machine, std::get<std::size_t>(rule), release};
    if (options.is_random) return kernel_random(run);
    return options.record ? kernel_record(run, *inputs) : kernel_files(run, *inputs);
  } catch (const kernel::NoTracing& e) {
    fmt::print(stderr, "cow kernel: skipped: --events: {}\n", e.what());
  } catch (const kernel::NoChange& e) {
    fmt::print(stderr, "cow kernel: skipped: {}\n", e.what());
  }
  return kCannot;
}

int kernel_restore() {
  const std::string folder = kernel::temporary_folder();
  const kernel::Journals journals = kernel::find_journals();
  if (!journals.unread.empty()) {
    fmt::print(stderr, "cow kernel: the temporary folder {} cannot be read: {}\n", folder,
               journals.unread);
    return kCannot;
  }
  for (const std::string& path : journals.unbelieved)
    fmt::print(stderr, "{}: passed over: another user's, or others could have written it\n", path);
  for (const std::string& path : journals.living)
    fmt::print(stderr, "{}: its run goes on, and puts back at its end\n", path);
  bool all = true;
  for (const kernel::Orphan& orphan : journals.orphans) {
    const bool done = put_back(orphan);
    if (done) unlink(orphan.path.c_str());
    all = all && done;
  }
  if (journals.orphans.empty()) fmt::print("nothing to put back in {}\n", folder);
  return all ? kAsExpected : kSomethingElse;
}

}  // namespace cow::program
