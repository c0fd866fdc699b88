#!/usr/bin/env python3
"""The coroutine lint finds each pattern that is miscompiled and no other."""

import unittest

from coroutine_lint import findings

# Statements of a coroutine's body.
BAD = {
    "aggregate argument": "co_await f(Args{1, 2});",
    "designated initialisers": "co_await f({.a = 1});",
    "array": "const auto n = co_await sum(std::array{1, 2});",
    "over several lines": "auto r = co_await f(\n    name,\n    Args{\n        1});",
    "aggregate before the await": "g(Args{1}, co_await f());",
    "aggregate around the await": "auto v = Pair{co_await f(), 1};",
    "aggregate whose member is called": "auto v = Pair{1, 2}.with(co_await f());",
    "returned aggregate that awaits": "co_return Pair{co_await f(), 1};",
    "braced return that awaits": "co_return {co_await f()};",
    "vector of awaited": "std::vector<int>{co_await f()};",
    "capturing lambda": "co_await f([s] { return s; });",
    "capture by reference": "co_await f([&] { return s; });",
    "called lambda": "co_await [s]() -> task { co_return; }();",
    "lambda without captures": "co_await f([] { return 1; });",
    "co_spawn": "co_await co_spawn(ex, [s]() -> task { co_return; }, use_awaitable);",
    "conditional": "const auto n = b ? co_await f() : 0;",
    "conditional argument": "co_await f(b ? x : y);",
    "in a condition": "if (co_await f(Args{1})) {\n}",
    "in the initialiser of an if": "if (auto r = co_await f(Args{1}); r) {\n}",
    "in a loop's range": "for (auto x : co_await f(Args{1})) {\n}",
    "inside a lambda's own body": "spawn([this]() -> task { co_await f(Args{1}); });",
    "default argument in braces": "asio::awaitable<void> f(int a, notes n = {});",
    "default argument of a type": "[[nodiscard]] awaitable<int> f(notes n = notes{1});",
    "after a raw string": 'auto s = R"(;{)"; co_await f(Args{1});',
}

GOOD = {
    "default argument by name": "asio::awaitable<void> f(pool& p = system_pool(), kind k = a::b);",
    "default argument of another": "void g(notes n = {});\nasio::awaitable<void> f(notes n);",
    "defaults in a class with a coroutine": "awaitable<int> f(int a);\nint n = {};",
    "named": "auto a = Args{1};\nco_await f(std::move(a));",
    "call": "const auto [ec, n] = co_await socket.async_read_some(buffer(data), token);",
    "binding by reference": "auto&& [a, b] = co_await f();",
    "constructed with parentheses": "co_await f(std::string(text), std::make_pair(1, 2));",
    "subscript": "co_await f(table[index], (*row)[0]);",
    "block of an if": "if (co_await f()) {\n    g({1});\n} else {\n    co_await h();\n}",
    "if with an initialiser": "if (auto r = co_await f(); r) {\n    g(r ? 1 : 2);\n}",
    "loop": "while (!co_await done()) {\n    g(Args{1});\n}",
    "range": "for (const auto& x : co_await f()) {\n    g({x});\n}",
    "after a block": "{\n    g({1});\n}\nco_await f();",
    "after an aggregate statement": "auto a = Args{1};\nco_await f();",
    "before a conditional": "co_await f();\nauto n = b ? 1 : 2;",
    "body of a spawned lambda": "co_spawn(ex, [self] { return self->run(); }, t);\nco_await f();",
    "await in a lambda's body": "spawn([this]() -> task { co_await f(); co_return; });",
    "trailing return type": "auto l = [s]() -> awaitable<void> { co_await f(s); };",
    "mutable lambda": "auto l = [s]() mutable { return run(s); };\nco_await f(l);",
    "aggregate returned": "co_await f();\nco_return Args{1};",
    "comment": "co_await f(/* Args{1} ? */ x); // {?[a]",
    "string": 'co_await f("{?[x]");',
    "character": "co_await f('{', '?');",
    "digit separator": "co_await f(1'000, Args(2'000));",
    "case label": "switch (co_await f()) {\ncase 1:\n    co_await g();\n    break;\n}",
    "try": "try {\n    co_await f();\n} catch (...) {\n}",
    "do": "do {\n    co_await f();\n} while (again);",
    "attribute": "[[maybe_unused]] const auto r = co_await f();",
}


def coroutine(body: str) -> str:
    return f"awaitable<void> run(int x) {{\n{body}\nco_return;\n}}\n"


class CoroutineLint(unittest.TestCase):
    def test_bad(self) -> None:
        for case, body in BAD.items():
            with self.subTest(case):
                self.assertEqual(len(findings(coroutine(body))), 1)

    def test_good(self) -> None:
        for case, body in GOOD.items():
            with self.subTest(case):
                self.assertEqual(findings(coroutine(body)), [])

    def test_the_line_is_that_of_the_await(self) -> None:
        (finding,) = findings(coroutine("g();\nauto r =\n    co_await f(Args{1});"))
        self.assertEqual(finding.line, 4)


if __name__ == "__main__":
    unittest.main()
