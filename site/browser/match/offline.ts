/** Lets the page work without a network: a service worker keeps the page, the engine and what it knows. Says in `state` when it does. */
export function prepareOffline(script: string, scope: string, state: HTMLElement): void {
  // Not there on a page that came over plain HTTP from elsewhere than this machine.
  const container: ServiceWorkerContainer | undefined = navigator.serviceWorker;
  if (container === undefined) {
    state.textContent = "That needs a page that came over HTTPS, which this one did not.";
    return;
  }
  container.register(script, { scope }).catch(() => {
    state.textContent = "This browser could not keep the page for that.";
  });
  void container.ready.then(() => {
    state.textContent = "It is loaded: disconnect now, and match.";
    document.documentElement.dataset.offline = "ready";
  });
}
