package dev.maestro.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TestCountingTest {

  private static final TestCounting REPORTS = TestCounting.junit("build/TEST-*.xml");

  @TempDir Path directory;

  private void report(String name, String xml) throws IOException {
    Files.createDirectories(directory.resolve("build"));
    Files.writeString(directory.resolve("build").resolve(name), xml);
  }

  private Optional<TestCount> count(TestCounting counting, String output) throws IOException {
    return counting.count(directory, output, "tree");
  }

  @Test
  void casesOfAllReportsAreCounted() throws IOException {
    report(
        "TEST-a.xml",
        "<testsuites><testsuite tests='99'><testcase name='x'/><testcase name='y'><skipped/>"
            + "</testcase></testsuite></testsuites>");
    report("TEST-b.xml", "<testsuite><testcase name='z'><failure/></testcase></testsuite>");
    report("other.xml", "<testsuite><testcase name='z'/></testsuite>");

    assertThat(count(REPORTS, "")).contains(new TestCount(3, 1, "tree"));
  }

  @Test
  void whereThereAreNoReportsNothingIsKnown() throws IOException {
    assertThat(count(REPORTS, "12 tests")).isEmpty();
  }

  @Test
  void reportsOfBeforeAreRemoved() throws IOException {
    report("TEST-a.xml", "<testsuite><testcase name='x'/></testsuite>");

    REPORTS.begin(directory);

    assertThat(count(REPORTS, "")).isEmpty();
  }

  @Test
  void whatIsNoReportIsSaid() throws IOException {
    report("TEST-a.xml", "<testsuite>");

    assertThatThrownBy(() -> count(REPORTS, ""))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("TEST-a.xml is no report of tests");
  }

  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aPipeIsNoReport() throws Exception {
    Path report = directory.resolve("build/TEST-a.xml");
    Files.createDirectories(report.getParent());
    assertThat(new ProcessBuilder("mkfifo", report.toString()).start().waitFor()).isZero();

    assertThatThrownBy(() -> count(REPORTS, ""))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("TEST-a.xml is no file");
  }

  @Test
  void aReportReadsNothingElse() throws IOException {
    Path secret = directory.resolve("secret");
    Files.writeString(secret, "<testcase/>");
    report(
        "TEST-a.xml",
        "<!DOCTYPE t [<!ENTITY s SYSTEM '" + secret.toUri() + "'>]><t>&s;<testcase/></t>");

    assertThatThrownBy(() -> count(REPORTS, "")).isInstanceOf(IOException.class);
  }

  @Test
  void theLastLineThatFitsCounts() throws IOException {
    TestCounting line =
        TestCounting.printed("Tests run: (?<tests>\\d+).*Skipped: (?<skipped>\\d+)");
    String output = "Tests run: 2, Skipped: 1 in A\nTests run: 5, Skipped: 1\nall good\n";

    assertThat(count(line, output)).contains(new TestCount(5, 1, "tree"));
    assertThat(count(line, "all good")).isEmpty();
    assertThat(count(TestCounting.printed("(?<tests>\\d+) passed"), "7 passed"))
        .contains(new TestCount(7, 0, "tree"));
  }

  @Test
  void testsAreCountedInOneWay() {
    assertThatThrownBy(() -> TestCounting.printed("[")).hasMessageContaining("no regular");
    assertThatThrownBy(() -> TestCounting.printed("\\d+")).hasMessageContaining("no group 'tests'");
    assertThatThrownBy(() -> TestCounting.junit()).hasMessageContaining("by reports or by a line");
  }
}
