package dev.maestro.agent;

import dev.maestro.failure.PermanentException;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The providers that a class loader offers as services and that are at hand. */
final class Discovery {

  private final List<AgentProvider> found;

  private Discovery(List<AgentProvider> all) {
    found = all.stream().filter(AgentProvider::isAtHand).toList();
    all.stream()
        .filter(each -> !found.contains(each))
        .forEach(each -> log().debug("provider {} is not at hand and left out", each.id()));
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
      log().debug("discovered no provider");
    } else {
      log()
          .info(
              "discovered providers: {}",
              found.stream()
                  .map(each -> each.id() + " (" + each.getClass().getName() + ")")
                  .sorted()
                  .collect(Collectors.joining(", ")));
    }
  }

  /** {@return those found of whose id none was handed in} */
  List<AgentProvider> except(List<AgentProvider> handedIn) {
    Set<ProviderId> taken = handedIn.stream().map(AgentProvider::id).collect(Collectors.toSet());
    return found.stream().filter(each -> !taken.contains(each.id())).toList();
  }

  private static Logger log() {
    return LoggerFactory.getLogger(Discovery.class);
  }
}
