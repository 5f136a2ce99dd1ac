package dev.maestro.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathGlobsTest {

  @ParameterizedTest
  @CsvSource({
    "pom.xml, pom.xml, true",
    "pom.xml, sub/pom.xml, false",
    "**/pom.xml, pom.xml, true",
    "**/pom.xml, a/b/pom.xml, true",
    "src/test/**, src/test/A.java, true",
    "src/test/**, src/test/a/b/C.java, true",
    "src/test/**, src/test, true",
    "src/test/**, src/tests/A.java, false",
    "src/*/A.java, src/test/A.java, true",
    "src/*/A.java, src/a/b/A.java, false",
    "*.java, A.java, true",
    "*.java, a/A.java, false",
    "?.java, A.java, true",
    "?.java, AB.java, false",
    "a/**/b/**/c, a/x/b/y/z/c, true",
    "a/**/b/**/c, a/b/c, true",
    "a/**/b/**/c, a/c, false",
    "A.java, a.java, false",
    "[a], [a], true",
    "[a], a, false"
  })
  void matchesWholePaths(String pattern, String path, boolean expected) {
    assertThat(PathGlobs.of(pattern).matches(path)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "/etc",
        "../x",
        "a/../b",
        "./a",
        "a//b",
        "a/",
        "a\\b",
        "a/**.java",
        "**x"
      })
  void refusesPatternsThatWouldMeanSomethingElse(String pattern) {
    assertThatThrownBy(() -> PathGlobs.of(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("path pattern");
  }

  @Test
  void anyPatternOfTheSetWillDo() {
    PathGlobs globs = PathGlobs.of("a", "b/*");

    assertThat(globs.matches("a")).isTrue();
    assertThat(globs.matches("b/c")).isTrue();
    assertThat(globs.matches("c")).isFalse();
    assertThat(new PathGlobs(List.of()).isEmpty()).isTrue();
  }

  @Property
  void agreesWithTheNaiveReading(@ForAll("patterns") String pattern, @ForAll("paths") String path) {
    boolean expected = naive(List.of(pattern.split("/")), List.of(path.split("/")));

    assertThat(PathGlobs.of(pattern).matches(path)).isEqualTo(expected);
  }

  private static boolean naive(List<String> pattern, List<String> path) {
    if (pattern.isEmpty()) {
      return path.isEmpty();
    }
    List<String> rest = pattern.subList(1, pattern.size());
    if (pattern.get(0).equals("**")) {
      return naive(rest, path) || !path.isEmpty() && naive(pattern, path.subList(1, path.size()));
    }
    return !path.isEmpty()
        && path.get(0).matches(pattern.get(0).replace("*", ".*").replace("?", "."))
        && naive(rest, path.subList(1, path.size()));
  }

  @Provide
  Arbitrary<String> patterns() {
    Arbitrary<String> name = Arbitraries.of("a", "b", "ab", "*", "a*", "*b", "?", "a?", "**");
    return name.list().ofMinSize(1).ofMaxSize(5).map(names -> String.join("/", names));
  }

  @Provide
  Arbitrary<String> paths() {
    Arbitrary<String> name = Arbitraries.of("a", "b", "ab", "ba", "abb");
    return name.list().ofMinSize(1).ofMaxSize(5).map(names -> String.join("/", names));
  }
}
