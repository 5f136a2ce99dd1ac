package dev.maestro.agent;

import dev.maestro.failure.PermanentException;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The providers that a class loader offers as services. */
final class Discovery {

  private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);

  private final List<AgentProvider> found;

  private Discovery(List<AgentProvider> found) {
    this.found = found;
  }

  static Discovery in(ClassLoader loader) {
    try {
      Discovery discovery =
          new Discovery(
              ServiceLoader.load(AgentProvider.class, loader).stream()
                  .map(ServiceLoader.Provider::get)
                  .toList());
      discovery.tell();
      return discovery;
    } catch (ServiceConfigurationError e) {
      throw new PermanentException("a discovered provider cannot be made: " + e.getMessage(), e);
    }
  }

  private void tell() {
    if (found.isEmpty()) {
      LOG.debug("discovered no provider");
    } else {
      LOG.info(
          "discovered providers: {}",
          found.stream()
              .map(each -> each.id() + " (" + each.getClass().getName() + ")")
              .sorted()
              .collect(Collectors.joining(", ")));
    }
  }

  /** {@return those found for which no instance of the same class and id was handed in} */
  List<AgentProvider> except(List<AgentProvider> handedIn) {
    return found.stream()
        .filter(each -> handedIn.stream().noneMatch(other -> isSame(each, other)))
        .toList();
  }

  private static boolean isSame(AgentProvider one, AgentProvider other) {
    return one.getClass() == other.getClass() && one.id().equals(other.id());
  }
}
