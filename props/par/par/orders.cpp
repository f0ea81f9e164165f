#include "par/orders.h"

#include <algorithm>
#include <unordered_set>

#include "par/state_key.h"

namespace cow::par {
namespace {

struct Node {
  World world;
  Outcomes outcomes;
};

}  // namespace

class Orders::Walk {
 public:
  Walk(Orders& out, const Columns& columns, const Places& places)
      : out_(out), columns_(columns), places_(places) {}

  void run(const World& start) {
    Node root{start, Outcomes(columns_.size())};
    root.world.machine.add_threads(columns_.size());
    root.world.judge.add_threads(columns_.size());
    for (std::size_t t = 0; t < columns_.size(); ++t) begin_next(root, t);
    std::vector<Node> open;
    open.push_back(std::move(root));
    while (!open.empty() && out_.complete_) {
      const Node node = std::move(open.back());
      open.pop_back();
      visit(node, open);
    }
  }

 private:
  static spec::ThreadId thread(std::size_t column) {
    return spec::ThreadId{static_cast<std::uint32_t>(column)};
  }
  void begin_next(Node& node, std::size_t column) {
    const std::size_t next = node.outcomes[column].size();
    if (next < columns_[column].size())
      node.world.machine.start(thread(column), columns_[column][next]);
  }

  void visit(const Node& node, std::vector<Node>& open) {
    bool ended = true;
    for (std::size_t t = 0; t < columns_.size(); ++t) {
      const spec::Activity& a = node.world.machine.activities()[t];
      if (a.at == spec::At::idle) continue;
      ended = false;
      if (node.world.machine.can_go(thread(t)))
        after(node, t, open, [&](Node& n) { return event(n, t); });
      for (std::size_t i = 0; i < node.world.machine.stale().size(); ++i)
        if (node.world.machine.can_use(thread(t), node.world.machine.stale()[i]))
          after(node, t, open, [&](Node& n) { return stale_use(n, t, i); });
    }
    if (ended) end(node);
  }
  judge::ThreadsJudge::Event event(Node& n, std::size_t t) {
    return n.world.judge.go(n.world.machine, thread(t), disagreements_);
  }
  judge::ThreadsJudge::Event stale_use(Node& n, std::size_t t, std::size_t i) {
    return n.world.judge.use(n.world.machine, thread(t), i, disagreements_);
  }

  // One way to go on from the node, kept unless its state was met before.
  void after(const Node& node, std::size_t t, std::vector<Node>& open, auto take) {
    Node next = node;
    disagreements_.clear();
    const judge::ThreadsJudge::Event e = take(next);
    remark(t, node.outcomes[t].size(), e.verdict);
    if (e.done) {
      next.outcomes[t].push_back(*e.done);
      begin_next(next, t);
    }
    words_.clear();
    put_state(next.world.machine, next.world.judge, places_, words_);
    put_outcomes(next.outcomes, words_);
    if (!visited_.insert(key_of(words_)).second) return;
    if (++out_.states_ > kMostStates) out_.complete_ = false;
    open.push_back(std::move(next));
  }
  void remark(std::size_t column, std::size_t step, judge::Verdict verdict) {
    if (verdict != judge::Verdict::none) remark({column, step, verdict, {}});
    for (const judge::Disagreement& d : disagreements_)
      remark({column, step, judge::Verdict::none, d});
  }
  void remark(const Remark& r) {
    const auto known = [&](const Remark& old) {
      return old.column == r.column && old.step == r.step && old.verdict == r.verdict &&
             old.disagreement.clause == r.disagreement.clause;
    };
    if (std::none_of(out_.remarks_.begin(), out_.remarks_.end(), known)) out_.remarks_.push_back(r);
  }
  void end(const Node& node) {
    End end = end_of(node.world.machine, places_, node.outcomes);
    out_.by_hash_.emplace(end.hash(), out_.finals_.size());
    out_.finals_.push_back({std::move(end), node.world});
  }

  Orders& out_;
  const Columns& columns_;
  const Places& places_;
  std::unordered_set<Key, KeyHash> visited_;
  std::vector<std::uint32_t> words_;
  judge::Disagreements disagreements_;
};

Orders::Orders(const World& start, const Columns& columns, const Places& places) {
  Walk(*this, columns, places).run(start);
}

const Orders::Final* Orders::find(const End& end) const {
  const auto [first, last] = by_hash_.equal_range(end.hash());
  for (auto at = first; at != last; ++at)
    if (finals_[at->second].end == end) return &finals_[at->second];
  return nullptr;
}

}  // namespace cow::par
