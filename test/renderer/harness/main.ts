/** The whole window on fixtures: `?levels=hvc&tab=levels`. */
import { mount } from 'svelte';
import { SessionClient } from '../../../emulator/session/client.ts';
import AppFrame from '../../../src-renderer/App.svelte';
import '../../../src-renderer/theme/app.css';
import '../../../src-renderer/theme/fonts.css';
import { installTheme } from '../../../src-renderer/theme/install.ts';
import { fixturePort } from './fixture-port.ts';

const query = new URLSearchParams(location.search);
const tab = query.get('tab');
if (tab) localStorage.setItem('elscope.tab', JSON.stringify(tab));
const theme = query.get('theme');
if (theme) localStorage.setItem('elscope.theme', JSON.stringify(theme));
installTheme();
mount(AppFrame, { target: document.querySelector('#app')!, props: { client: new SessionClient(fixturePort(query)), onMenu: () => {} } });
