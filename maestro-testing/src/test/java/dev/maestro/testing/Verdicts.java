package dev.maestro.testing;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherConstants;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * What became of the tests of one class.
 *
 * @param passed names of those that passed
 * @param failed names of those that failed
 * @param skipped names of those that were broken off by an assumption, and why
 */
record Verdicts(Set<String> passed, Set<String> failed, Map<String, String> skipped) {

  /** Run the tests of a class with JUnit. */
  static Verdicts of(Class<?> tests) {
    return of(DiscoverySelectors.selectClass(tests));
  }

  /** Run one test of a class with JUnit. */
  static Verdicts of(Class<?> tests, String name) {
    return of(DiscoverySelectors.selectMethod(tests, name));
  }

  private static Verdicts of(DiscoverySelector tests) {
    Verdicts verdicts = new Verdicts(new TreeSet<>(), new TreeSet<>(), new TreeMap<>());
    Launcher launcher =
        LauncherFactory.create(
            LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false).build());
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(tests)
            .configurationParameter(
                LauncherConstants.STACKTRACE_PRUNING_ENABLED_PROPERTY_NAME, "true")
            .build();
    launcher.execute(request, verdicts.listener());
    return verdicts;
  }

  private TestExecutionListener listener() {
    return new TestExecutionListener() {
      @Override
      public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (test.isTest()) {
          note(test.getDisplayName(), result);
        }
      }
    };
  }

  private void note(String name, TestExecutionResult result) {
    switch (result.getStatus()) {
      case SUCCESSFUL -> passed.add(name);
      case FAILED -> failed.add(name);
      case ABORTED ->
          skipped.put(
              name,
              result
                  .getThrowable()
                  .map(Throwable::getMessage)
                  .orElse("")
                  .replace("Assumption failed: ", ""));
    }
  }
}
